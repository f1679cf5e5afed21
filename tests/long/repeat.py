"""The same report under other threads, time zones, locales and hash seeds: equal bytes, every time.

python tests/long/repeat.py --count 20 [--client data/example]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from many import hashes, say

THREADS, SEEDS = ("1", "2", "8"), ("0", "1", "2", "3", "random")
ZONES = ("UTC", "Pacific/Auckland", "America/St_Johns", "Europe/Bucharest")
LOCALES = ("C", "ro_RO.UTF-8", "it_IT.UTF-8", "C.UTF-8", "tr_TR.UTF-8")


def environment(number: int) -> dict[str, str]:
    """The surroundings of one run; the lengths of the lists share no factor but 1, so that they mix."""
    threads = THREADS[number % 3]
    given = {"POLARS_MAX_THREADS": threads, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
    place = LOCALES[number % 5]
    given |= {"TZ": ZONES[number % 4], "LC_ALL": place, "LANG": place, "PYTHONHASHSEED": SEEDS[number * 2 % 5]}
    return {**os.environ, **given}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=20)
    options.add_argument("--client", default="data/example")
    chosen = options.parse_args()
    found: dict[str, list[int]] = {}
    for number in range(chosen.count):
        with tempfile.TemporaryDirectory() as out:
            command = [sys.executable, "-m", "cjtools", "report", chosen.client, "--out", out]
            subprocess.run(command, env=environment(number), check=True, capture_output=True)
            found.setdefault(repr(hashes(Path(out))), []).append(number)
    for runs in found.values():
        say(f"{len(runs)} of {chosen.count} runs have these bytes: {runs}")
    return int(len(found) > 1)


if __name__ == "__main__":
    sys.exit(main())
