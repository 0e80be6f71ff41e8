#!/usr/bin/env python3
"""Plans many made-up co-ops and checks every plan twice; see .ci/check-plans.

    check_plans.py PROGRAM [COUNT] [FIRST_SEED]
"""
import collections
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

from checker import faults, find_checker

#: Size, part of all co-ops in a hundred, work of the planner.
SIZES = [("tiny", 65, 200_000), ("small", 32, 300_000), ("coop", 3, 500_000)]
#: Requested minutes as a percentage of contracted minutes.
TIGHTNESS = [50, 80, 100, 107, 140, 250]
PARALLEL = 2


def kind(seed):
    at = seed * 37 % 100
    for name, part, work in SIZES:
        if at < part:
            return name, work
        at -= part
    return SIZES[0][0], SIZES[0][2]


def check(program, checker, seed, has_rules):
    """Makes, plans and checks one co-op: its name and what is wrong with its plan."""
    size, work = kind(seed)
    tightness = TIGHTNESS[seed % len(TIGHTNESS)]
    rules = ["--rules", "all"] if has_rules and seed % 4 == 0 else []
    name = f"{size} --tightness {tightness} --seed {seed} {' '.join(rules)}".strip()
    with tempfile.TemporaryDirectory() as folder:
        instance, plan = os.path.join(folder, "instance.json"), os.path.join(folder, "plan.json")
        made = [program, "generate", "--size", size, "--tightness", str(tightness), "--seed", str(seed), "--out", instance]
        subprocess.run(made + rules, check=True)
        asked = [program, "plan", instance, "--out", plan, "--work", str(work), "--seed", str(seed), "--threads", "1"]
        # Looking for reasons takes most of the time and moves no visit: one in ten does it.
        asked += [] if seed % 10 == 0 else ["--no-reasons"]
        planned = subprocess.run(asked, capture_output=True, text=True)
        if planned.returncode != 0:
            return size, name, [f"plan ended with {planned.returncode}: {planned.stderr.strip()[-300:]}"]
        found = faults(program, checker, instance, plan)
        with open(plan) as file:
            document = json.load(file)
        for goal in ("mandated", "evaluation", "consult"):
            placed, bound = document["totals"][goal]["placed"], document["bounds"][f"{goal}_placed_at_most"]
            if placed > bound:
                found.append(f"{placed} {goal} minutes, the bound says {bound}")
        return size, name, found


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    checker = find_checker()
    has_rules = "--rules" in subprocess.run([program, "generate", "--help"], capture_output=True, text=True).stdout
    checked, wrong = collections.Counter(), []
    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        jobs = [pool.submit(check, program, checker, seed, has_rules) for seed in range(first, first + count)]
        for number, job in enumerate(concurrent.futures.as_completed(jobs), 1):
            size, name, found = job.result()
            checked[size] += 1
            wrong += [f"{name}: {fault}" for fault in found]
            if number % 100 == 0:
                print(f"{number} of {count} planned, {len(wrong)} faults", file=sys.stderr)
    for line in sorted(wrong):
        print(line)
    print(", ".join(f"{checked[size]} {size}" for size, _, _ in SIZES), f"- {len(wrong)} faults")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
