"""Instance and plan files for the benchmark: indices instead of codes, totals, and the score by which plans of different
solvers are compared. Written from docs/planning-model.md, without the product's code."""
import collections
import hashlib
import json
from dataclasses import dataclass

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
PRIORITIES = ["mandated", "evaluation", "consult"]
#: Points a minute by priority, and points off; see cp_sat_peer.py.
POINTS = {"mandated": 100, "evaluation": 30, "consult": 10}
FAIR_POINTS = 10
NEW_PAIR, KEPT_PAIR, DRIVE_MINUTE = 300, 60, 2
#: Points are counted in hundredths, so that a cent is one.
SCALE = 100


@dataclass(frozen=True)
class Visit:
    person: int
    request: int
    day: int
    starts: int
    minutes: int

    @property
    def ends(self):
        return self.starts + self.minutes


def minute(text):
    hours, minutes = text.split(":")
    return 60 * int(hours) + int(minutes)


def clock(minutes):
    return f"{minutes // 60:02}:{minutes % 60:02}"


def week(hours):
    return [[(minute(a), minute(b)) for a, b in hours.get(day, [])] for day in DAYS]


def shared(left, right):
    return [(max(a, u), min(b, v)) for a, b in left for u, v in right if max(a, u) < min(b, v)]


class Case:
    """An instance by index. `pairs` are the (specialist, request) that may meet, `slots` where by day."""

    def __init__(self, instance):
        self.instance = instance
        self.people, self.requests = instance["specialists"], instance["requests"]
        self.site_codes = instance["travel"]["sites"]
        rows = {code: row for row, code in enumerate(self.site_codes)}
        self.drives = instance["travel"]["minutes"]
        self.unit = instance["unit_minutes"]
        policy = instance.get("policy", {})
        self.stay_min = policy.get("min_minutes_at_site", 0)
        self.share_percent = policy.get("person_member_share_max_percent", 100)
        self.is_fair = policy.get("fairness", "worst_served_first") == "worst_served_first"
        self.hours = [week(one["availability"]) for one in self.people]
        member_of = {site["code"]: site["member"] for site in instance["sites"]}
        self.person_row = {one["code"]: row for row, one in enumerate(self.people)}
        self.request_row = {one["code"]: row for row, one in enumerate(self.requests)}
        self.home = [rows[one["home_site"]] for one in self.people]
        self.employer = [one["employer"].get("member") for one in self.people]
        self.site = [rows[one["site"]] for one in self.requests]
        self.member = [member_of[one["site"]] for one in self.requests]
        self.priority = [one["priority"] for one in self.requests]
        self.remote = [one.get("mode") == "teletherapy" for one in self.requests]
        self.current = [self.person_row.get(one.get("current_specialist")) for one in self.requests]
        self.asked = collections.Counter()
        for row, one in enumerate(self.requests):
            if one["priority"] == "mandated":
                self.asked[self.member[row]] += one["minutes_per_week"]
        self.slots = {}
        self._match()
        self.pairs = sorted(self.slots)

    def _match(self):
        windows = [week(one["windows"]) for one in self.requests]
        for person, able in enumerate(self.people):
            named = [self.person_row[code] for code in able.get("supervisors", [])]
            supervisors = [(one, week(self.people[one].get("supervision_hours", self.people[one]["availability"]))) for one in named]
            for request, wanted in enumerate(self.requests):
                if wanted["discipline"] not in able["disciplines"] or not self.reaches(person, request):
                    continue
                if not set(wanted.get("qualifications", [])) <= set(able.get("qualifications", [])):
                    continue
                slots = [shared(windows[request][day], self.hours[person][day]) for day in range(len(DAYS))]
                if supervisors:
                    near = [hours for one, hours in supervisors if self.reaches(one, request)]
                    is_given = wanted["priority"] != "evaluation"
                    slots = [sum((shared(slots[day], hours[day]) for hours in near if is_given), []) for day in range(len(DAYS))]
                shortest = wanted["visit_minutes"]["min"]
                slots = [[(a, b) for a, b in sorted(set(row)) if a + shortest <= b] for row in slots]
                if any(slots):
                    self.slots[person, request] = slots

    def reaches(self, person, request):
        reach = self.people[person].get("reach_minutes_max", 10**9)
        return self.remote[request] or self.drives[self.home[person]][self.site[request]] <= reach

    def limited(self, pairs):
        """The same case with fewer pairs."""
        other = object.__new__(Case)
        other.__dict__.update(self.__dict__)
        other.pairs = sorted(set(pairs) & set(self.slots))
        return other

    def nearest(self, count, visits):
        """Only the nearest specialists of every request, its current one, and whoever `visits` or fixed visits name."""
        by_request = collections.defaultdict(list)
        for person, request in self.pairs:
            drive = 0 if self.remote[request] else self.drives[self.home[person]][self.site[request]]
            by_request[request].append((person != self.current[request], drive, person))
        kept = [(person, request) for request, able in by_request.items() for _, _, person in sorted(able)[:count]]
        named = [(visit.person, visit.request) for visit in visits + self.fixed_visits()]
        return self.limited(kept + named)

    def place(self, person, request):
        return self.home[person] if self.remote[request] else self.site[request]

    def cents_a_unit(self, person):
        return self.unit * self.people[person]["cost_cents_per_hour"] // 60

    def read_visits(self, rows):
        return [
            Visit(self.person_row[row["specialist"]], self.request_row[row["request"]], DAYS.index(row["day"]),
                  minute(row["starts"]), minute(row["ends"]) - minute(row["starts"]))
            for row in rows
        ]

    def fixed_visits(self):
        return sorted(set(self.read_visits(self.instance.get("fixed", []))), key=lambda one: (one.person, one.day, one.starts))


def by_day(visits):
    """Visits of every specialist on every day, in order."""
    days = collections.defaultdict(list)
    for visit in visits:
        days[visit.person, visit.day].append(visit)
    for rows in days.values():
        rows.sort(key=lambda visit: (visit.starts, visit.ends))
    return days


def driving(case, visits):
    """Minutes and miles between sites."""
    miles = case.instance["travel"].get("miles")
    minutes, distance = 0, 0.0
    for rows in by_day(visits).values():
        places = [case.place(visit.person, visit.request) for visit in rows]
        for left, right in zip(places, places[1:]):
            if left != right:
                minutes += case.drives[left][right]
                distance += miles[left][right] if miles else 0
    return minutes, distance


def worst_share(case, visits):
    """The smallest part of its mandated minutes that a member gets, as (placed, asked)."""
    placed = collections.Counter()
    for visit in visits:
        if case.priority[visit.request] == "mandated":
            placed[case.member[visit.request]] += visit.minutes
    return min(((placed[member], asked) for member, asked in case.asked.items()), key=lambda part: part[0] / part[1],
               default=(1, 1))


def score(case, visits, only_own=False):
    """The weighted sum of cp_sat_peer.py, in hundredths of a point. For lenders alone only their own mandated minutes count."""
    if only_own:
        own = [v for v in visits if case.priority[v.request] == "mandated" and case.employer[v.person] == case.member[v.request]]
        return sum(visit.minutes for visit in own) * POINTS["mandated"] * SCALE
    placed, asked = worst_share(case, visits)
    total = SCALE * sum(POINTS[case.priority[visit.request]] * visit.minutes for visit in visits)
    if case.is_fair:
        total += (1000 * placed // asked) * (FAIR_POINTS * SCALE * sum(case.asked.values()) // 1000)
    pairs = {(visit.person, visit.request) for visit in visits}
    total -= SCALE * sum(KEPT_PAIR if case.current[request] == person else NEW_PAIR for person, request in pairs)
    total -= SCALE * DRIVE_MINUTE * driving(case, visits)[0]
    total -= sum(visit.minutes // case.unit * case.cents_a_unit(visit.person) for visit in visits)
    return total


def sixtieth(amount):
    """A sixtieth of a whole number, half to even."""
    whole, rest = divmod(amount, 60)
    return whole + (rest > 30 or (rest == 30 and whole % 2 == 1))


def plan_document(instance, case, visits, floors, sha256, seed):
    """A plan file with everything that a reader asks for. Bounds are what is asked for: the peer proves none."""
    placed = collections.Counter()
    for visit in visits:
        placed[visit.request] += visit.minutes
    totals = {priority: {"requested": 0, "placed": 0} for priority in PRIORITIES}
    by_member = {}
    for row, wanted in enumerate(case.requests):
        own = by_member.setdefault(case.member[row], {priority: {"requested": 0, "placed": 0} for priority in PRIORITIES})
        for amounts in (totals, own):
            amounts[case.priority[row]]["requested"] += wanted["minutes_per_week"]
            amounts[case.priority[row]]["placed"] += placed[row]
    pairs = {(visit.person, visit.request) for visit in visits}
    minutes, miles = driving(case, visits)
    cents = sixtieth(sum(visit.minutes * case.people[visit.person]["cost_cents_per_hour"] for visit in visits))
    if sha256 is None:
        compact = json.dumps(instance, separators=(",", ":"), ensure_ascii=False)
        sha256 = hashlib.sha256(compact.encode()).hexdigest()
    shortfalls = [
        {"request": wanted["code"], "minutes": wanted["minutes_per_week"] - placed[row], "reason": "Not found.", "binding": [],
         "remedies": []}
        for row, wanted in enumerate(case.requests) if placed[row] < wanted["minutes_per_week"]
    ]
    order = sorted(visits, key=lambda visit: (case.people[visit.person]["code"], visit.day, visit.starts))
    return {
        "format": "coop-plan/1", "instance_name": instance["name"], "instance_sha256": sha256, "status": "time_limit",
        "visits": [
            {"specialist": case.people[visit.person]["code"], "request": case.requests[visit.request]["code"],
             "site": case.site_codes[case.place(visit.person, visit.request)], "day": DAYS[visit.day],
             "starts": clock(visit.starts), "ends": clock(visit.ends)}
            for visit in order
        ],
        "shortfalls": shortfalls,
        "totals": dict(totals, by_member=by_member, pairs=len(pairs),
                       pairs_kept=sum(case.current[request] == person for person, request in pairs), travel_minutes=minutes,
                       travel_miles=round(miles, 3), staff_cost_cents=cents),
        "bounds": {f"{priority}_placed_at_most": totals[priority]["requested"] for priority in PRIORITIES},
        "lenders": [{"member": member, "alone_mandated_minutes": floors[member]} for member in sorted(floors)],
        "prices": [],
        "run": {"seconds": 0.0, "seed": seed, "solver": "OR-Tools CP-SAT"},
    }
