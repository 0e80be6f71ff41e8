"""Counts what is owed by its own reading of docs/api.md, docs/glossary.md and docs/adr/0018, sharing no code with the program.

    recount.py FOLDER NOW [FROM UNTIL]

FOLDER holds what the API answered: visits.json, logs.json, calendar.json, away.json, contracts.json, requests.json.
The program adds numbers up; this one keeps a ledger with one entry for each planned minute, and moves entries about.
Whether a visit was to take place is worked out from calendar, contracts and time away, and only compared with what the
dated visit says. Prints {"requests": {id: {column: minutes}}, "faults": [...]}.
"""

import json
import sys
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

# docs/api.md: "Absence of the child is not owed by default"; config/default.toml, [owed], the child that declines likewise.
NOT_OWED = {"student_absent_excused", "student_absent_unexcused", "declined"}
NO_SCHOOL = {"holiday", "intersession"}


class Facts:
    def __init__(self, folder):
        def read(name):
            return json.loads((Path(folder) / f"{name}.json").read_text())

        self.visits, self.calendar, self.away = read("visits"), read("calendar"), read("away")
        self.contracts, self.requests = read("contracts"), read("requests")
        # A log that was taken back says nothing.
        self.logs = {log["dated_visit_id"]: log for log in read("logs") if log["outcome"] != "not_logged"}
        self.make_ups = defaultdict(list)
        self.weekly_on = defaultdict(list)
        for visit in self.visits:
            if visit["kind"] == "weekly":
                self.weekly_on[visit["visit_on"]].append(visit)
            if visit["kind"] == "make_up":
                self.make_ups[visit["makes_up_id"]].append(visit)

    def entries_on(self, visit):
        """Calendar entries for the school of a visit on its date."""
        for entry in self.calendar:
            here = entry["member_id"] == visit["member_id"] and entry.get("site_id") in (None, visit["site_id"])
            if here and entry["starts_on"] <= visit["visit_on"] <= entry["ends_on"]:
                yield entry

    def is_no_school(self, visit):
        return any(entry["kind"] in NO_SCHOOL for entry in self.entries_on(visit))

    def state(self, visit):
        """Whether it was to take place, by what was known on its day: the past never changes."""
        day = visit["visit_on"]
        known = [entry for entry in self.entries_on(visit) if entry["created_at"][:10] <= day]
        if any(entry["kind"] != "early_release" for entry in known):
            return "closed"
        if any(entry["released"] < visit["ends"] for entry in known):
            return "early_release"
        if visit["covered_by_specialist_id"]:
            return "planned"
        contracts = self.contracts[visit["specialist_id"]]
        if not any(one["effective_from"] <= day < (one["effective_until"] or "9999") for one in contracts):
            return "not_covered"
        for away in self.away[visit["specialist_id"]]:
            if away["created_at"][:10] <= day and away["starts_on"] <= day <= away["ends_on"]:
                if (away["starts"] or "00:00") < visit["ends"] and visit["starts"] < (away["ends"] or "24:00"):
                    return "not_covered"
        if visit["kind"] == "make_up" and any(self.are_in_the_way(visit)):
            return "not_covered"
        return "planned"

    def are_in_the_way(self, make_up):
        """A visit of a plan, own or covered, comes before a make-up: nobody gives two at once, and nobody gets two."""
        for weekly in self.weekly_on[make_up["visit_on"]]:
            if weekly["starts"] < make_up["ends"] and make_up["starts"] < weekly["ends"]:
                same = who_comes(weekly) == make_up["specialist_id"]
                if same or weekly["service_request_id"] == make_up["service_request_id"]:
                    yield self.state(weekly) == "planned"

    def is_open(self, make_up):
        """Whether a make-up is still promised: nothing is logged, and it did not fall out."""
        return make_up["id"] not in self.logs and self.state(make_up) == "planned"


def who_comes(visit):
    return visit["covered_by_specialist_id"] or visit["specialist_id"]


def ledger(facts, visit, now):
    """One entry for each planned minute, and the minutes given beyond."""
    minutes, log = visit["minutes"], facts.logs.get(visit["id"])
    given = log["minutes"] if log else 0
    if given:
        book = ["delivered"] * min(given, minutes) + ["missed shortened"] * max(minutes - given, 0)
    elif facts.is_no_school(visit):
        book = ["no_school"] * minutes
    elif log:
        book = [f"missed {log['reason']}"] * minutes
    else:
        off = {"planned": None, "not_covered": "provider_absent"}.get(facts.state(visit), "closure")
        if visit["ends_at"] <= now:
            book = [f"missed {off}" if off else "to_log"] * minutes
        else:
            book = [f"to_come {off}" if off else "to_come"] * minutes
    beyond = max(given - minutes, 0)
    for make_up in facts.make_ups[visit["id"]]:
        for _ in range(facts.logs.get(make_up["id"], {"minutes": 0})["minutes"]):
            missed = next((at for at, entry in enumerate(book) if entry.startswith("missed ")), None)
            if missed is None:
                beyond += 1
            else:
                book[missed] = "made_up " + book[missed].removeprefix("missed ")
    return book, beyond


def columns(entries, beyond, open_make_ups):
    """The columns of an answer from the ledger of a request."""
    tally = Counter(entries)

    def total(head, when=lambda cause: True):
        return sum(n for entry, n in tally.items() if entry.split()[0] == head and when(entry.partition(" ")[2]))

    causes = sorted({entry.split()[1] for entry in tally if entry.split()[0] in ("missed", "made_up")})
    left = {cause: tally[f"missed {cause}"] for cause in causes}
    return {
        "planned_minutes": len(entries) - tally["no_school"],
        "delivered_minutes": tally["delivered"],
        "missed_minutes": total("missed") + total("made_up"),
        "to_log_minutes": tally["to_log"],
        "to_come_minutes": total("to_come"),
        "falls_out_minutes": total("to_come", bool),
        "no_school_minutes": tally["no_school"],
        "made_up_minutes": total("made_up"),
        "still_owed_minutes": total("missed", lambda cause: cause not in NOT_OWED),
        "not_owed_minutes": total("missed", lambda cause: cause in NOT_OWED),
        "make_ups_open_minutes": open_make_ups,
        "over_delivered_minutes": beyond,
        "for_team_decision_minutes": left.get("provider_absent", 0),
        "missed": {
            cause: [
                left[cause] + tally[f"made_up {cause}"],
                tally[f"made_up {cause}"],
                0 if cause in NOT_OWED else left[cause],
            ]
            for cause in causes
        },
    }


def faults(facts):
    """What cannot be true of the rows themselves."""
    weeks = Counter()
    for visit in facts.visits:
        if facts.state(visit) != visit["state"]:
            yield f"{visit['kind']} {visit['id']} on {visit['visit_on']} is {visit['state']}, by the facts {facts.state(visit)}"
        if visit["kind"] != "weekly":
            if visit["state"] != "planned" and facts.logs.get(visit["id"], {"minutes": 0})["minutes"]:
                yield f"make-up {visit['id']} fell out, and minutes of it are delivered"
            continue
        weeks[visit["service_request_id"], date.fromisoformat(visit["visit_on"]).isocalendar()[:2]] += visit["minutes"]
    days = defaultdict(list)
    for visit in facts.visits:
        if visit["state"] == "planned":
            days["somebody gives", who_comes(visit), visit["visit_on"]].append(visit)
            days["a request has", visit["service_request_id"], visit["visit_on"]].append(visit)
    for (who, _, day), visits in days.items():
        visits.sort(key=lambda one: one["starts"])
        for one, two in zip(visits, visits[1:]):
            if two["starts"] < one["ends"]:
                yield f"on {day} {who} two visits at {two['starts']}: {one['kind']}, {two['kind']}"
    asked = {request["id"]: request["minutes_per_week"] for request in facts.requests}
    for (request, week), minutes in weeks.items():
        if minutes > asked[request]:
            yield f"{request} has {minutes} minutes in week {week}, and asked for {asked[request]}"


def main(folder, now, first="0000", until="9999"):
    facts = Facts(folder)
    books, beyond, open_make_ups = defaultdict(list), Counter(), Counter()
    for visit in facts.visits:
        if visit["kind"] == "weekly" and first <= visit["visit_on"] < until:
            request = visit["service_request_id"]
            book, more = ledger(facts, visit, now)
            books[request] += book
            beyond[request] += more
            open_make_ups[request] += sum(one["minutes"] for one in facts.make_ups[visit["id"]] if facts.is_open(one))
    counted = {key: columns(book, beyond[key], open_make_ups[key]) for key, book in books.items()}
    print(json.dumps({"requests": counted, "faults": list(faults(facts))}))


main(*sys.argv[1:])
