"""The tables of the planner's benchmark, in Markdown."""
import os
import platform
import sys

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


def number(value, places=0):
    return "-" if value is None else f"{value:,.{places}f}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join("---" if index == 0 else "---:" for index in range(len(head))) + "|"]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def gap(plan):
    """Mandated minutes below the proven bound, in percent."""
    return 100 * (plan.bound - plan.placed) / max(1, plan.bound)


def of(plan, goal):
    return f"{plan.totals[goal]['placed']:,} of {plan.bounds[f'{goal}_placed_at_most']:,}"


def share(plan):
    bound = f" of {plan.worst_bound / 100:.1f}" if plan.worst_bound is not None else ""
    return f"{plan.worst / 100:.1f}{bound}"


def instances(rows):
    head = ["instance", "asked", "bound", "ours", "gap %", "CPU s", "wall s", "peak MiB", "evaluation", "consult", "worst member %",
            "specialists a request", "peer's", "CPU s", "peak MiB"]
    lines = []
    for row in rows:
        ours, peer = row.ours, row.peer
        lines.append([
            f"{row.size} {row.seed}", number(ours.asked), number(ours.bound), number(ours.placed), number(gap(ours), 2),
            number(ours.took.cpu, 1), number(ours.took.wall, 1), number(ours.took.peak_mib), of(ours, "evaluation"),
            of(ours, "consult"), share(ours), number(ours.people_a_request, 2),
            number(peer and peer.placed), number(peer and peer.took.cpu), number(peer and peer.took.peak_mib),
        ])
    return table(head, lines)


def against_peer(bench):
    """G2: our short run and our whole run against the peer's long one, by the peer's own weighted sum."""
    lines = []
    for row in bench.rows:
        if row.peer is None:
            continue
        short = row.short or row.ours
        lines.append([
            f"{row.size} {row.seed}", number(short.took.cpu, 1), number(short.placed), number(short.score),
            number(row.peer.took.cpu, 1), number(row.peer.placed), number(row.peer.score), number(row.ours.took.cpu, 1),
            number(row.ours.placed), number(row.ours.score), winner(short, row.peer),
        ])
    head = ["instance", "short: CPU s", "mandated", "points", "peer: CPU s", "mandated", "points", "ours: CPU s", "mandated", "points",
            "short run or peer"]
    return table(head, lines)


def winner(ours, peer):
    if ours.score == peer.score:
        return "equal"
    return "ours" if ours.score > peer.score else "peer"


def goal(name, target, found, met):
    return [name, target, found, "yes" if met else "no" if met is not None else "-"]


def goals(bench):
    """The goals G1, G2, G3, G5, G6, G7 and G9 that the study set."""
    rows = []
    by_size = lambda rows, size: [row for row in rows if row.size == size]
    coops = by_size(bench.shorts, "coop")
    if coops:
        reached = [row for row in coops if row.short.placed >= row.ours.bound]
        seconds = max(row.short.took.cpu for row in coops)
        rows.append(goal("G1", "coop: mandated minutes equal to the bound on 9 of 10 seeds within 2 s",
                         f"{len(reached)} of {len(coops)}, at most {seconds:.1f} CPU s", 10 * len(reached) >= 9 * len(coops)))
    for size, ratio in (("coop", 50), ("medium", 100)):
        met = [row for row in by_size(bench.shorts, size) if row.peer]
        if met:
            ratios = [row.peer.took.cpu / row.short.took.cpu for row in met]
            won = all(row.short.score >= row.peer.score for row in met)
            rows.append(goal("G2", f"{size}: no fewer points than the peer in 1/{ratio} of its CPU",
                             f"{'no fewer' if won else 'fewer on some'}, in 1/{min(ratios):.0f}", won and min(ratios) >= ratio))
    for size, most in (("coop", 0.5), ("medium", 1.0), ("state", 2.0)):
        found = by_size(bench.rows, size)
        if found:
            worst = max(gap(row.ours) for row in found)
            told, met = f"{worst:.2f} %", worst <= most
            if size == "state" and found[0].ours.bounds_seconds:
                times = found[0].ours.took.wall / found[0].ours.bounds_seconds
                told, met = f"{told} in {times:.0f} times the bound's time", met and times <= 60
            rows.append(goal("G3", f"{size}: gap to a proven bound at most {most} %", told, met))
    for replan in bench.replans:
        kept, free = replan.kept / max(1, replan.untouched), replan.near.placed / max(1, replan.free.placed)
        found = (f"{100 * kept:.1f} % (from nothing {100 * replan.kept_by_free / max(1, replan.untouched):.1f} %), {100 * free:.2f} % "
                 f"of its minutes, {replan.near.took.cpu:.1f} CPU s")
        rows.append(goal("G5", f"{replan.name}, {replan.absent} absent: 95 % of untouched visits stay, 99.9 % of the minutes",
                         found, kept >= 0.95 and free >= 0.999))
    for row in bench.short_of_staff:
        bound = row.ours.worst_bound
        if bound is None:
            rows.append(goal("G6", f"{row.name}: worst member within 0.6 points of the best", f"{row.ours.worst / 100:.1f} %, no bound", None))
        else:
            rows.append(goal("G6", f"{row.name}: worst member within 0.6 points of the best", f"{share(row.ours)} %",
                             bound - row.ours.worst <= 60))
    for row in by_size(bench.rows, "medium"):
        found = row.ours.people_a_request
        rows.append(goal("G7", "medium: at most 1.10 specialists a mandated request", f"{found:.2f}", found <= 1.1))
    for row in by_size(bench.rows, "state"):
        ours = row.ours
        first = ours.took.first or (ours.took.wall, ours.took.cpu)
        bound = ours.bounds_seconds
        told = f"first plan after {first[0]:.1f} s, {number(first[1], 1)} CPU s"
        told += f"; the bound took {bound:.1f} s" if bound else ""
        told += f"; {ours.took.peak_mib:.0f} MiB"
        met = bound is not None and first[0] <= 5 * bound and ours.took.peak_mib < 500
        rows.append(goal("G9", "state: first verified plan within 5 times the bound's time, below 500 MB", told, met))
    return table(["goal", "target", "found", "met"], rows)


def where_peer_wins(bench):
    better = [row for row in bench.rows if row.peer and (row.peer.placed > row.ours.placed or row.peer.score > row.ours.score)]
    if not better:
        return "The peer wins nowhere in this run."
    names = []
    for row in better:
        minutes, points = row.peer.placed - row.ours.placed, row.peer.score - row.ours.score
        names.append(f"{row.size} {row.seed} ({minutes:+,} mandated minutes, {points:+,} points)")
    return "Against our whole run the peer wins on " + ", ".join(names) + "."


def document(bench):
    flag = " --quick" if bench.quick else ""
    lines = [f"Made by `.ci/bench-planner{flag} --write` on {os.cpu_count()} cores ({platform.machine()}). Every plan was accepted by `verify`"
             + (" and by `check_plan.py`." if bench.checker else "; `check_plan.py` was not at hand."), ""]
    lines += instances(bench.rows) + [""]
    if any(row.peer for row in bench.rows):
        lines += against_peer(bench) + ["", where_peer_wins(bench), ""]
    lines += goals(bench)
    if not bench.can_start:
        lines += ["", "G5 was left out: this program has no `plan --start`."]
    return "\n".join(lines)


def check_markers(path):
    with open(path) as file:
        text = file.read()
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        sys.exit(f"{path} needs the lines {BEGIN} and {END}, once each")


def write(path, tables):
    with open(path) as file:
        text = file.read()
    before, after = text[:text.index(BEGIN)], text[text.index(END):]
    with open(path, "w") as file:
        file.write(f"{before}{BEGIN}\n{tables}\n{after}")
