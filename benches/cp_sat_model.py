"""The constraint model of one group of specialists and requests; see cp_sat_peer.py.

Times are ticks of five minutes. A visit that may be given is an optional interval for each stretch of a day in which hours and
windows overlap. The sites of a specialist's day are the nodes of a circuit, so that each is entered and left once.
"""
import collections
import threading
import time
from typing import NamedTuple

from ortools.sat.python import cp_model

from planning_files import DRIVE_MINUTE, FAIR_POINTS, KEPT_PAIR, NEW_PAIR, POINTS, SCALE, Visit

TICK = 5
#: A break lies between 10:30 and 13:30, on days with more than five hours of visits and drives.
BREAK_FROM, BREAK_UNTIL, LONG_DAY = 630, 810, 300


def ticks(minutes):
    """Full ticks that so many minutes of driving take: visits start and end on ticks only."""
    return -(-minutes // TICK)


class Slot(NamedTuple):
    """A visit that may be given in one stretch of a day."""

    present: cp_model.IntVar
    start: cp_model.IntVar
    units: cp_model.IntVar
    end: cp_model.IntVar
    most: int


class Group:
    """Variables and constraints, and for every variable its value in the plan to start from."""

    def __init__(self, case, pairs, before, others, floors, only_own):
        self.case, self.pairs, self.before, self.only_own = case, pairs, before, only_own
        self.model = cp_model.CpModel()
        self.start_values = {}
        self.units_a_tick = case.unit // TICK
        self.slots = {}  # (person, request, day) -> a Slot for each stretch of the day
        self.index = collections.defaultdict(list)  # (person, day) -> [(key, slots)]
        self.block = collections.defaultdict(list)  # person -> [whether the evaluation block lies in some place]
        self.known_block = set()
        self.goal = []  # (coefficient, variable)
        self.known = {(visit.person, visit.request, visit.day): visit for visit in before}
        self.visits()
        for key, slots in self.slots.items():
            self.index[key[0], key[2]].append((key, slots))
        self.of_requests()
        self.of_weeks()
        self.of_caps()
        for person, day in sorted(self.index):
            self.of_day(person, day)
        self.of_blocks()
        self.of_members(others, floors)
        self.model.maximize(sum(factor * variable for factor, variable in self.goal))

    # Small makers, each with the value in the plan to start from.

    def flag(self, value):
        return self.noted(self.model.new_bool_var(""), int(value))

    def number(self, least, most, value):
        return self.noted(self.model.new_int_var(least, most, ""), min(max(value, least), most))

    def noted(self, variable, value):
        self.start_values[variable.index] = (variable, value)
        return variable

    def value(self, variable):
        return self.start_values[variable.index][1]

    # The rules, named as in the contract.

    def visits(self):
        """visit_within_availability, visit_within_window, visit_length, fixed_visits_stand."""
        case = self.case
        fixed = {(visit.person, visit.request, visit.day): visit for visit in case.fixed_visits()}
        for person, request in self.pairs:
            wanted = case.requests[request]
            for day, slots in enumerate(case.slots[person, request]):
                pinned, known = fixed.get((person, request, day)), self.known.get((person, request, day))
                for slot in slots:
                    if pinned and not (slot[0] <= pinned.starts and pinned.ends <= slot[1]):
                        continue
                    if known and not (slot[0] <= known.starts and known.ends <= slot[1]):
                        known_here = None
                    else:
                        known_here, known = known, None
                    self.visit(person, request, day, slot, wanted, pinned, known_here)
                    if pinned:
                        break

    def visit(self, person, request, day, slot, wanted, pinned, known):
        unit = self.case.unit
        most = min(wanted["visit_minutes"]["max"], slot[1] - slot[0], wanted["minutes_per_week"])
        most = min(most, self.case.people[person].get("direct_minutes_per_day_max", most)) // unit
        least = -(-wanted["visit_minutes"]["min"] // unit)
        if most < least:
            return
        present = self.flag(known is not None)
        units = self.number(0, most, known.minutes // unit if known else 0)
        first, last = slot[0] // TICK, slot[1] // TICK
        start = self.number(first, last - least * self.units_a_tick, known.starts // TICK if known else first)
        self.model.add(units <= most * present)
        self.model.add(units >= least * present)
        end = self.number(first + least * self.units_a_tick, last, known.ends // TICK if known else 0)
        if pinned:
            self.model.add(present == 1)
            self.model.add(units == pinned.minutes // unit)
            self.model.add(start == pinned.starts // TICK)
        self.slots.setdefault((person, request, day), []).append(Slot(present, start, units, end, most))

    def of_requests(self):
        """request_not_exceeded, one_visit_per_request_and_day, and what a minute and a pair are worth."""
        case = self.case
        days, rows, pairs = (collections.defaultdict(list) for _ in range(3))
        for (person, request, day), slots in self.slots.items():
            days[request, day] += slots
            rows[request] += slots
            pairs[person, request] += slots
        for slots in days.values():
            if len(slots) > 1:
                self.model.add_at_most_one(slot.present for slot in slots)
        for request, slots in rows.items():
            wanted = case.requests[request]
            self.model.add(sum(slot.units for slot in slots) <= wanted["minutes_per_week"] // case.unit)
            if len({day for asked, day in days if asked == request}) > wanted["visits_per_week_max"]:
                self.model.add(sum(slot.present for slot in slots) <= wanted["visits_per_week_max"])
        for (person, request), slots in pairs.items():
            own = case.employer[person] == case.member[request]
            if self.only_own:
                if own and case.priority[request] == "mandated":
                    self.goal += [(case.unit * POINTS["mandated"] * SCALE, slot.units) for slot in slots]
                continue
            worth = case.unit * POINTS[case.priority[request]] * SCALE - case.cents_a_unit(person)
            self.goal += [(worth, slot.units) for slot in slots]
            used = self.flag(any(self.value(slot.present) for slot in slots))
            for slot in slots:
                self.model.add_implication(slot.present, used)
            self.goal.append((-SCALE * (KEPT_PAIR if case.current[request] == person else NEW_PAIR), used))

    def of_weeks(self):
        """specialist_week_within_contract, lendable_within_limit, member_share_within_limit."""
        case = self.case
        week, lent, foreign = (collections.defaultdict(list) for _ in range(3))
        for (person, request, _), slots in self.slots.items():
            week[person] += [slot.units for slot in slots]
            if case.employer[person] not in (None, case.member[request]):
                lent[person] += [slot.units for slot in slots]
            if case.employer[person] != case.member[request]:
                foreign[person, case.member[request]] += [slot.units for slot in slots]
        for (person, _), units in foreign.items():
            most = case.share_percent * case.people[person]["direct_minutes_per_week_max"]
            if case.share_percent < 100:
                self.model.add(100 * case.unit * sum(units) <= most)
        for person, units in week.items():
            able = case.people[person]
            self.model.add(sum(units) <= able["direct_minutes_per_week_max"] // case.unit)
            if lent[person] and "lendable_minutes_per_week_max" in able:
                self.model.add(sum(lent[person]) <= able["lendable_minutes_per_week_max"] // case.unit)

    def of_caps(self):
        """sites_within_cap, requests_within_cap."""
        case = self.case
        for key, kind in ("sites_per_week_max", case.place), ("requests_max", lambda _, request: request):
            groups = collections.defaultdict(lambda: collections.defaultdict(list))
            for (person, request, _), slots in self.slots.items():
                groups[person][kind(person, request)] += slots
            for person, of_kind in groups.items():
                most = case.people[person].get(key)
                if most is None or len(of_kind) <= most:
                    continue
                flags = []
                for slots in of_kind.values():
                    flags.append(self.flag(any(self.value(slot.present) for slot in slots)))
                    for slot in slots:
                        self.model.add_implication(slot.present, flags[-1])
                self.model.add(sum(flags) <= most)

    def of_day(self, person, day):
        """All rules of one specialist on one day."""
        case, able = self.case, self.case.people[person]
        by_place = collections.defaultdict(list)
        for (_, request, _), slots in self.index[person, day]:
            by_place[case.place(person, request)] += slots
        everything = [slot for slots in by_place.values() for slot in slots]
        intervals = [self.interval(slot) for slot in everything]
        direct = sum(slot.units for slot in everything) * case.unit
        if "direct_minutes_per_day_max" in able:
            self.model.add(direct <= able["direct_minutes_per_day_max"])
        stays = {place: self.stay(person, place, slots) for place, slots in sorted(by_place.items())}
        route = self.route(able, stays)
        if able.get("break_minutes", 0):
            intervals.append(self.pause(able["break_minutes"], direct, everything, stays, route))
        intervals += self.blocks(person, day, everything, stays, route)
        self.model.add_no_overlap([interval for interval in intervals if interval is not None])
        if not self.only_own:
            self.goal += [(-SCALE * DRIVE_MINUTE * minutes, arc) for (_, _), (arc, minutes) in route.items() if minutes]

    def interval(self, slot):
        size = slot.units * self.units_a_tick
        return self.model.new_optional_interval_var(slot.start, size, slot.end, slot.present, "")

    def stay(self, person, place, slots):
        """stay_long_enough: (used, first tick, last tick) of a stay that holds all visits at a place."""
        given = [slot for slot in slots if self.value(slot.present)]
        used = self.flag(bool(given))
        self.model.add_bool_or([slot.present for slot in slots]).only_enforce_if(used)
        begins = self.number(0, 288, min((self.value(slot.start) for slot in given), default=0))
        finishes = self.number(0, 288, max((self.value(slot.end) for slot in given), default=0))
        for slot in slots:
            self.model.add_implication(slot.present, used)
            self.model.add(begins <= slot.start).only_enforce_if(slot.present)
            self.model.add(finishes >= slot.end).only_enforce_if(slot.present)
        if place != self.case.home[person] and self.case.stay_min:
            self.model.add(sum(slot.units for slot in slots) * self.case.unit >= self.case.stay_min * used)
        return used, begins, finishes

    def route(self, able, stays):
        """specialist_in_one_place, no_return_to_site, sites_per_day, travel_within_day: drives between the sites of a day."""
        if len(stays) < 2:
            return {}
        most = able.get("travel_minutes_per_day_max", 24 * 60)
        if len(stays) > able.get("sites_per_day_max", len(stays)):
            self.model.add(sum(used for used, _, _ in stays.values()) <= able["sites_per_day_max"])
        visited = sorted((place for place, stay in stays.items() if self.value(stay[0])),
                         key=lambda place: self.value(stays[place][1]))
        nodes = {place: number for number, place in enumerate(stays, 1)}
        idle = self.flag(not visited)
        arcs, drives = [(0, 0, idle)], {}
        for place, (used, _, finishes) in stays.items():
            arcs.append((nodes[place], nodes[place], used.negated()))
            arcs.append((0, nodes[place], self.flag(visited[:1] == [place])))
            arcs.append((nodes[place], 0, self.flag(visited[-1:] == [place])))
            self.model.add_implication(idle, used.negated())
            for other, (_, begins, _) in stays.items():
                minutes = self.case.drives[place][other]
                if other == place or minutes > most:
                    continue
                arc = self.flag((place, other) in zip(visited, visited[1:]))
                arcs.append((nodes[place], nodes[other], arc))
                self.model.add(begins >= finishes + ticks(minutes)).only_enforce_if(arc)
                drives[place, other] = (arc, minutes)
        self.model.add_circuit(arcs)
        self.model.add(sum(minutes * arc for arc, minutes in drives.values()) <= most)
        return drives

    def pause(self, minutes, direct, everything, stays, route):
        """break_kept: on a long day, a piece of time that overlaps neither visits nor a drive."""
        travel = sum(drive * arc for arc, drive in route.values())
        longest = sum(slot.most for slot in everything) * self.case.unit
        longest += max((drive for _, drive in route.values()), default=0) * len(stays)
        if longest <= LONG_DAY:
            return None
        total = sum(self.value(slot.units) for slot in everything) * self.case.unit
        total += sum(drive * self.value(arc) for arc, drive in route.values())
        long_day = self.flag(total > LONG_DAY)
        self.model.add(direct + travel <= LONG_DAY).only_enforce_if(long_day.negated())
        first, last = BREAK_FROM // TICK, (BREAK_UNTIL - minutes) // TICK
        known = self.known_piece(minutes // TICK, first, last, everything, stays, route)
        return self.free_piece(minutes // TICK, first, last, first if known is None else known, long_day, stays, route)

    def free_piece(self, length, first, last, known, needed, stays, route):
        """An interval that overlaps neither visits nor the drive right before or right after it, where it is needed."""
        begins = self.number(first, last, known)
        into, out = collections.defaultdict(list), collections.defaultdict(list)
        for (left, right), (arc, drive) in route.items():
            out[left].append((ticks(drive), arc))
            into[right].append((ticks(drive), arc))
        whole = lambda drives: sum(drive * arc for drive, arc in drives)
        known_whole = lambda drives: sum(drive * self.value(arc) for drive, arc in drives)
        before, after = {}, {}
        for place, (_, arrives, leaves) in stays.items():
            if into[place]:
                before[place] = self.flag(self.value(begins) + length <= self.value(arrives) - known_whole(into[place]))
                self.model.add(begins + length <= arrives - whole(into[place])).only_enforce_if(before[place])
            if out[place]:
                after[place] = self.flag(self.value(begins) >= self.value(leaves) + known_whole(out[place]))
                self.model.add(begins >= leaves + whole(out[place])).only_enforce_if(after[place])
        for (left, right), (arc, _) in route.items():
            self.model.add_bool_or([before[right], after[left], arc.negated(), needed.negated()])
        return self.model.new_optional_fixed_size_interval_var(begins, length, needed, "")

    def known_piece(self, length, first, last, everything, stays, route):
        """Where the plan to start from leaves such a piece free; None where it does not."""
        taken = [(self.value(slot.start), self.value(slot.end)) for slot in everything if self.value(slot.present)]
        gaps = [(left, right, ticks(drive)) for (left, right), (arc, drive) in route.items() if self.value(arc)]
        for at in range(first, last + 1):
            free = all(at + length <= starts or at >= ends for starts, ends in taken)
            if free and all(at >= self.value(stays[left][2]) + drive or at + length <= self.value(stays[right][1]) - drive
                            for left, right, drive in gaps):
                return at
        return None

    def blocks(self, person, day, everything, stays, route):
        """evaluation_block_kept: where on this day the block of the week may lie."""
        length = self.case.people[person].get("evaluation_block_minutes", 0) // TICK
        intervals = []
        for opens, closes in self.case.hours[person][day] if length else []:
            first, last = opens // TICK, closes // TICK - length
            if first > last:
                continue
            known = None if person in self.known_block else self.known_piece(length, first, last, everything, stays, route)
            if known is not None:
                self.known_block.add(person)
            here = self.flag(known is not None)
            self.block[person].append(here)
            intervals.append(self.free_piece(length, first, last, first if known is None else known, here, stays, route))
        return intervals

    def of_blocks(self):
        """evaluation_block_kept: who has visits keeps one block, be it on a day on which no visit can lie."""
        for (person, _, _), slots in self.slots.items():
            length = self.case.people[person].get("evaluation_block_minutes", 0)
            elsewhere = any(closes - opens >= length for day, hours in enumerate(self.case.hours[person])
                            if (person, day) not in self.index for opens, closes in hours)
            if length and not elsewhere:
                for slot in slots:
                    self.model.add_bool_or([*self.block[person], slot.present.negated()])

    def of_members(self, others, floors):
        """no_lender_worse_than_alone, and the share of the worst-served member."""
        case = self.case
        if self.only_own:
            return
        here, elsewhere = collections.defaultdict(list), collections.Counter()
        for (_, request, _), slots in self.slots.items():
            if case.priority[request] == "mandated":
                here[case.member[request]] += [slot.units for slot in slots]
        for visit in others:
            if case.priority[visit.request] == "mandated":
                elsewhere[case.member[visit.request]] += visit.minutes
        for member, floor in floors.items():
            if here[member] and floor > elsewhere[member]:
                self.model.add(sum(here[member]) * case.unit + elsewhere[member] >= floor)
        known = {member: sum(self.value(units) for units in here[member]) * case.unit + elsewhere[member] for member in case.asked}
        worst = self.number(0, 1000, min((1000 * known[member] // asked for member, asked in case.asked.items()), default=1000))
        for member, asked in case.asked.items():
            self.model.add(1000 * (sum(here[member]) * case.unit + elsewhere[member]) >= asked * worst)
        if case.is_fair:
            self.goal.append((FAIR_POINTS * SCALE * sum(case.asked.values()) // 1000, worst))


def solve_group(case, pairs, before, others, floors, seconds, options, only_own):
    """Visits of one group and how the solver ended; no visits when it found none in time."""
    began = time.process_time()
    group = Group(case, pairs, before, others, floors, only_own)
    for variable, value in group.start_values.values():
        group.model.add_hint(variable, value)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = options.workers
    solver.parameters.random_seed = options.seed
    done = threading.Event()

    def watch():
        while not done.wait(0.1):
            if time.process_time() - began > seconds:
                solver.stop_search()

    watcher = threading.Thread(target=watch)
    watcher.start()
    status = solver.solve(group.model)
    done.set()
    watcher.join()
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, solver.status_name(status)
    visits = [
        Visit(person, request, day, solver.value(slot.start) * TICK, solver.value(slot.units) * case.unit)
        for (person, request, day), slots in group.slots.items()
        for slot in slots if solver.value(slot.present)
    ]
    return visits, solver.status_name(status)
