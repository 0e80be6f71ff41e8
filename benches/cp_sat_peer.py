#!/usr/bin/env python3
"""The peer of the planner in `make bench-planner`: one constraint model of the whole contract, for OR-Tools CP-SAT.

    cp_sat_peer.py INSTANCE.json PLAN.json [--seconds N] [--workers N] [--hint PLAN.json] [--nearest N] [--seed N]

Reads `coop-planning-instance/1` or `/2`, writes `coop-plan/1`. `--seconds` are seconds of processor time of the whole process,
all workers and the building of the model included, so that a busy machine changes nothing. `--hint` gives a complete plan to start
from; the search never returns less. `--nearest` looks at only so many specialists a request, nearest first (0: at all);
on large instances the model becomes too large otherwise.

Every hard rule of the contract is in the model. `no_lender_worse_than_alone` is kept against the numbers that the hint
records (`lenders`); without a hint a fifth of the time goes into finding them with each lender's own staff.

The goals are strict in the contract. Here they are approximated by one weighted sum, the usual way to use such a solver:
100, 30 and 10 points a mandated, evaluation and consult minute; up to 10 more points for every mandated minute asked for
as the share of the worst-served member rises from nothing to all; 300 points off for a specialist who is new to a
request, 60 for the current one; 2 points off a minute of driving; 1 point off a dollar of pay. So goal 2 is max-min instead of
leximin, and a goal can buy a little of an earlier one. Specialists and requests that have nothing to do with each other are
solved one group after the other, the rest of the plan standing still; each group's share of the time goes by its pairs.
"""
import argparse
import collections
import json
import sys
import time

from cp_sat_model import solve_group
from planning_files import Case, plan_document, score


def groups(case):
    """Specialists and requests that can be planned without the others: lists of (specialist, request) pairs."""
    parent = {}

    def find(one):
        parent.setdefault(one, one)
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for person, request in case.pairs:
        parent[find(("p", person))] = find(("r", request))
    found = collections.defaultdict(list)
    for person, request in case.pairs:
        found[find(("p", person))].append((person, request))
    return sorted(found.values(), key=lambda pairs: (len(pairs), pairs[0]))


def search(case, parts, visits, floors, seconds, options, only_own):
    """Improves the plan part by part; each gets its share of the processor time that is left."""
    waiting = sum(len(part) for part in parts)
    ends = time.process_time() + seconds
    for part in parts:
        share = max(0.0, ends - time.process_time()) * len(part) / max(1, waiting)
        waiting -= len(part)
        inside = set(part)
        before = [visit for visit in visits if (visit.person, visit.request) in inside]
        others = [visit for visit in visits if (visit.person, visit.request) not in inside]
        started = time.process_time()
        found, word = solve_group(case, part, before, others, floors, share, options, only_own)
        if found is not None:
            better = score(case, others + found, only_own) >= score(case, visits, only_own)
            if better or not before:
                visits = others + found
        if options.verbose:
            used = time.process_time() - started
            print(f"{len(part):6} pairs {used:7.1f} s of {share:.1f}: {word}, {score(case, visits, only_own)}", file=sys.stderr)
    return visits


def alone(case, seconds, options):
    """A plan in which every lender serves itself only, and the mandated minutes of each in it."""
    own = [(person, request) for person, request in case.pairs if case.employer[person] == case.member[request]]
    fixed = case.fixed_visits()
    own_case = case.limited(own + [(visit.person, visit.request) for visit in fixed])
    visits = search(own_case, groups(own_case), fixed, {}, seconds, options, True)
    lenders = sorted({member for member in case.employer if member is not None})
    minutes = collections.Counter()
    for visit in visits:
        if case.priority[visit.request] == "mandated" and case.employer[visit.person] == case.member[visit.request]:
            minutes[case.member[visit.request]] += visit.minutes
    return visits, {member: minutes[member] for member in lenders}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("instance")
    parser.add_argument("plan")
    parser.add_argument("--seconds", type=float, default=120, help="processor time of all workers together")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--hint", help="a complete plan to start from")
    parser.add_argument("--nearest", type=int, default=0, help="specialists looked at for a request; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()

    with open(options.instance) as file:
        instance = json.load(file)
    if instance["format"] not in ("coop-planning-instance/1", "coop-planning-instance/2"):
        sys.exit(f"{options.instance}: the peer does not know the format {instance['format']}")
    case = Case(instance)
    sha256 = None
    if options.hint:
        with open(options.hint) as file:
            hint = json.load(file)
        visits = case.read_visits(hint["visits"])
        floors = {lender["member"]: lender["alone_mandated_minutes"] for lender in hint.get("lenders", [])}
        sha256 = hint["instance_sha256"]
    else:
        visits, floors = [], {}
    if options.nearest:
        case = case.nearest(options.nearest, visits)
    if not options.hint:
        visits, floors = alone(case, options.seconds / 5, options)
    left = options.seconds - time.process_time()
    visits = search(case, groups(case), visits, floors, left, options, False)
    plan = plan_document(instance, case, visits, floors, sha256, options.seed)
    with open(options.plan, "w") as file:
        json.dump(plan, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
