#!/usr/bin/env python3
"""Measures the planner and its peer on made-up co-ops; see .ci/bench-planner and docs/planning-benchmarks.md.

    planner.py PROGRAM [--quick] [--only SIZE,...] [--write FILE] [--keep FOLDER]

Every plan, ours and the peer's, is checked by `verify` and by check_plan.py; one that is not accepted ends the run.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from types import SimpleNamespace

import report
from checker import ROOT, faults, find_checker
from planning_files import DAYS, Case, score, worst_share
from processes import phase_seconds, run

#: Size, seeds, processor seconds of the peer (0: no peer), specialists a request that the peer looks at (0: all).
FULL = [("tiny", range(1, 4), 20, 0), ("small", range(1, 4), 60, 0), ("coop", range(1, 11), 120, 0),
        ("medium", [1], 240, 8), ("region", [1], 0, 0), ("state", [1], 0, 0)]
QUICK = [("tiny", [1], 5, 0), ("small", [1], 10, 0), ("coop", [1], 20, 0)]
#: Seeds for which the peer runs and a row is printed; further seeds count for the goals only.
ROWS = 3
#: The short run of ours: seconds by the clock on one thread, hence no more processor time than about this.
SHORT_SECONDS = 2
#: Absent specialists and minutes a moved visit of the re-plan.
ABSENT = {"coop": 1, "medium": 6}
MINUTES_PER_MOVED_VISIT = 10
ABSENT_DAYS = ("tue", "wed")
#: Tightness at which minutes are short, for the goal of fairness.
SHORT_TIGHTNESS = 130


class Bench:
    def __init__(self, program, folder, quick):
        self.program, self.folder, self.quick = program, folder, quick
        self.checker = find_checker()
        help_text = subprocess.run([program, "plan", "--help"], capture_output=True, text=True).stdout
        self.can_start = "--start" in help_text
        self.rows, self.shorts, self.replans, self.short_of_staff = [], [], [], []

    def path(self, name):
        return os.path.join(self.folder, name)

    def instance(self, size, seed, tightness=None):
        path = self.path(f"{size}-{seed}{'' if tightness is None else f'-{tightness}'}.json")
        extra = [] if tightness is None else ["--tightness", str(tightness)]
        subprocess.run([self.program, "generate", "--size", size, "--seed", str(seed), "--out", path, *extra], check=True)
        return path

    def accepted(self, instance, plan):
        found = faults(self.program, self.checker, instance, plan)
        if found:
            sys.exit(f"{plan} is not accepted:\n" + "\n".join(found))

    def ours(self, instance, name, *options):
        """Our plan of an instance, accepted, with what the run took and the first plan that was written."""
        out, first = self.path(f"{name}.plan.json"), self.path(f"{name}.first.json")
        took = run([self.program, "plan", instance, "--out", out, "--progress-json", *options], out, first)
        if took.code != 0:
            sys.exit(f"{name}: the planner ended with {took.code}\n{took.error}")
        for plan in (out, first):
            self.accepted(instance, plan)
        return self.reading(instance, out, took, first)

    def peer(self, instance, name, seconds, nearest, hint):
        out = self.path(f"{name}.peer.json")
        python = os.path.join(ROOT, ".venv/bin/python")
        extra = ["--hint", hint] if hint else []
        took = run([python, os.path.join(ROOT, "benches/cp_sat_peer.py"), instance, out, "--seconds", str(seconds),
                    "--nearest", str(nearest), *extra])
        if took.code != 0:
            sys.exit(f"{name}: the peer ended with {took.code}\n{took.error}")
        self.accepted(instance, out)
        return self.reading(instance, out, took, None)

    def reading(self, instance, plan, took, first):
        """The numbers of a plan that the tables show."""
        with open(instance) as file:
            case = Case(json.load(file))
        with open(plan) as file:
            document = json.load(file)
        visits = case.read_visits(document["visits"])
        totals, bounds = document["totals"], document["bounds"]
        pairs = {(visit.person, visit.request) for visit in visits if case.priority[visit.request] == "mandated"}
        served = {request for _, request in pairs}
        placed, asked = worst_share(case, visits)
        return SimpleNamespace(
            plan=plan, first_plan=first, took=took, case=case, visits=visits, totals=totals, bounds=bounds,
            asked=totals["mandated"]["requested"], placed=totals["mandated"]["placed"],
            bound=bounds["mandated_placed_at_most"], score=score(case, visits) // 100,
            worst=10_000 * placed / asked, worst_bound=bounds.get("worst_share_at_most_basis_points"),
            people_a_request=len(pairs) / max(1, len(served)), status=document["status"],
            bounds_seconds=phase_seconds(took.lines, "bounds"))

    def size(self, size, seeds, peer_seconds, nearest):
        for number, seed in enumerate(seeds):
            name = f"{size}-{seed}"
            instance = self.instance(size, seed)
            say(f"{name} ...")
            ours, peer, short = self.ours(instance, name), None, None
            if size in ("coop", "medium"):
                short = self.ours(instance, f"{name}-short", "--seconds", str(SHORT_SECONDS), "--threads", "1")
            if peer_seconds and number < ROWS:
                hint = ours.first_plan if size in ("coop", "medium") else None
                peer = self.peer(instance, name, peer_seconds, nearest, hint)
            row = SimpleNamespace(size=size, seed=seed, ours=ours, peer=peer, short=short)
            if number < ROWS:
                self.rows.append(row)
            if short:
                self.shorts.append(row)
            if number == 0 and size in ABSENT:
                self.replan(size, seed, instance, ours)
            if number == 0 and size in ("coop", "medium"):
                tight = self.instance(size, seed, SHORT_TIGHTNESS)
                name = f"{size}-{seed}-{SHORT_TIGHTNESS}"
                self.short_of_staff.append(SimpleNamespace(name=name, ours=self.ours(tight, name)))

    def replan(self, size, seed, path, before):
        """Somebody is absent: the plan made again near the old one, and from nothing."""
        if not self.can_start:
            return
        case = before.case
        load = {}
        for visit in before.visits:
            if DAYS[visit.day] in ABSENT_DAYS:
                load[visit.person] = load.get(visit.person, 0) + visit.minutes
        absent = sorted(load, key=lambda person: (-load[person], person))[:ABSENT[size]]
        codes = {case.people[person]["code"] for person in absent}
        with open(path) as file:
            instance = json.load(file)
        for one in instance["specialists"]:
            if one["code"] in codes:
                one["availability"] = {day: hours for day, hours in one["availability"].items() if day not in ABSENT_DAYS}
        gone = lambda visit: visit["specialist"] in codes and visit["day"] in ABSENT_DAYS
        instance["fixed"] = [visit for visit in instance.get("fixed", []) if not gone(visit)]
        changed = self.path(f"{size}-{seed}-absent.json")
        with open(changed, "w") as file:
            json.dump(instance, file)
        say(f"{size}-{seed} with {len(codes)} absent ...")
        free = self.ours(changed, f"{size}-{seed}-absent-free")
        near = self.ours(changed, f"{size}-{seed}-absent-near", "--start", before.plan, "--minutes-per-moved-visit",
                         str(MINUTES_PER_MOVED_VISIT))
        untouched = {visit for visit in before.visits if not (visit.person in absent and DAYS[visit.day] in ABSENT_DAYS)}
        self.replans.append(SimpleNamespace(
            name=f"{size}-{seed}", absent=len(codes), near=near, free=free, untouched=len(untouched),
            kept=len(untouched & set(near.visits)), kept_by_free=len(untouched & set(free.visits))))


def say(text):
    print(text, file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--quick", action="store_true", help="one small instance of each of three sizes, in about two minutes")
    parser.add_argument("--only", help="sizes to run, with commas")
    parser.add_argument("--seeds", type=int, help="at most so many co-ops of each size")
    parser.add_argument("--peer-seconds", type=int, help="at most so many processor seconds for the peer")
    parser.add_argument("--write", metavar="FILE", help="puts the tables between the markers of this file")
    parser.add_argument("--keep", metavar="FOLDER", help="keeps instances and plans there")
    options = parser.parse_args()
    if options.write:
        report.check_markers(options.write)
    sizes = [row for row in (QUICK if options.quick else FULL) if not options.only or row[0] in options.only.split(",")]
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or temporary
        os.makedirs(folder, exist_ok=True)
        bench = Bench(options.program, folder, options.quick)
        for size, seeds, peer_seconds, nearest in sizes:
            most = peer_seconds if options.peer_seconds is None else options.peer_seconds
            bench.size(size, list(seeds)[:options.seeds], min(peer_seconds, most), nearest)
        text = report.document(bench)
    print(text)
    if options.write:
        report.write(options.write, text)


if __name__ == "__main__":
    main()
