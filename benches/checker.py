"""Plans judged twice: by the product's `verify`, and by the checker that was written before the product, where it is at hand."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def find_checker():
    """Path of check_plan.py beside the project, or None with a note. A worktree may lie one folder deeper."""
    for above in ("..", "../.."):
        path = os.path.normpath(os.path.join(ROOT, above, "shared/planning-format/check_plan.py"))
        if os.path.exists(path):
            return path
    print("note: shared/planning-format/check_plan.py is not there; plans are checked by `verify` only", file=sys.stderr)
    return None


def faults(program, checker, instance, plan):
    """What the two say against a plan; empty when both accept it."""
    found = []
    ours = subprocess.run([program, "verify", instance, plan], capture_output=True, text=True)
    if ours.returncode != 0:
        found.append(f"verify: {(ours.stdout + ours.stderr).strip()[:500]}")
    if checker:
        theirs = subprocess.run([sys.executable, checker, instance, plan], capture_output=True, text=True)
        if theirs.returncode != 0:
            found.append(f"check_plan.py: {(theirs.stdout + theirs.stderr).strip()[:500]}")
    return found
