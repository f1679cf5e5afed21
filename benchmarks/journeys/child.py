"""One way of answering, once, in a process of its own: seconds, processor seconds, highest memory, as a line of JSON.

    python child.py --way duckdb --what ABC --data FOLDER --threads 2 [--answers FILE]

Needs nothing but the standard library and what the way itself imports, so that it runs in a peer's environment.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import sys
import time
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).resolve().parent
Seconds = dict[str, float]


class Watch:
    """Seconds and processor seconds (of all threads, in user and system mode) since it was made."""

    def __init__(self) -> None:
        """Begin to count."""
        self.begun = time.perf_counter(), time.process_time()

    def told(self) -> Seconds:
        """Return both since the beginning."""
        return {"wall": time.perf_counter() - self.begun[0], "cpu": time.process_time() - self.begun[1]}


def peak() -> float:
    """Return the highest resident memory of this process alone, in MB.

    getrusage would tell that of the parent, which made the data, when it is higher.
    """
    status = Path("/proc/self/status").read_text("ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


def together(way: ModuleType, state: object, what: str) -> tuple[dict[str, object], dict[str, Seconds]]:
    """Return the answers, and what each operation took: one after the other, or as the way itself asks them at once."""
    if hasattr(way, "together"):
        return way.together(state, what)
    answers: dict[str, object] = {}
    ops: dict[str, Seconds] = {}
    for op in what:
        watch = Watch()
        answers[op] = way.ask(state, op)
        ops[op] = watch.told()
    return answers, ops


def main() -> None:
    """Answer what is asked and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--way", required=True)
    parser.add_argument("--what", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--answers", type=Path)
    given = parser.parse_args()
    sys.path.insert(0, str(HERE))
    importing = Watch()
    way = importlib.import_module(f"ways.{given.way}")
    told = {"import": importing.told(), "versions": way.versions()}
    base, whole = peak(), Watch()
    state = way.prepare(given.data, given.what, given.threads)
    told["prepare"] = whole.told()
    answers, ops = together(way, state, way.order(given.what))
    told |= {"ops": ops, **whole.told(), "peak": peak(), "base": base}
    if given.answers:
        given.answers.write_text(json.dumps(answers), "utf-8")
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
