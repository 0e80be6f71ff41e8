"""Runs programs and measures them: processor time and memory by the system's own account, not by the clock alone."""
import json
import os
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Measured:
    """What a finished program took."""

    code: int
    wall: float
    cpu: float
    peak_mib: float
    lines: list = field(default_factory=list)
    error: str = ""
    #: Seconds by the clock and of processor time until the watched file was there; None where it came with the end.
    first: tuple = None


def cpu_of(pid):
    """Processor seconds of a running process, where the system tells them in /proc."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return None


def run(arguments, watch=None, keep=None):
    """Runs a program to its end. When the file `watch` appears for the first time, it is copied to `keep`."""
    if watch and os.path.exists(watch):
        os.remove(watch)
    began = time.monotonic()
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines, errors = [], []
    readers = [threading.Thread(target=lambda: lines.extend(process.stdout)),
               threading.Thread(target=lambda: errors.extend(process.stderr))]
    first, done = [], threading.Event()

    def look():
        while not done.wait(0.01):
            if os.path.exists(watch):
                first.append((time.monotonic() - began, cpu_of(process.pid)))
                shutil.copy(watch, keep)
                return

    if watch:
        readers.append(threading.Thread(target=look))
    for reader in readers:
        reader.start()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    done.set()
    for reader in readers:
        reader.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if watch and not first and os.path.exists(watch):
        shutil.copy(watch, keep)
    return Measured(process.returncode, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, lines,
                    "".join(errors), first[0] if first else None)


def phase_seconds(lines, phase):
    """Seconds of one phase by the program's own progress lines."""
    starts = None
    for line in lines:
        report = json.loads(line)
        if report["phase"] == phase and starts is None:
            starts = report["seconds"]
        elif starts is not None and report["phase"] != phase:
            return report["seconds"] - starts
    return None
