"""A batch of many clients, ten of them broken in ten ways: what must come out does, and nothing of one is in another's.

    python tests/long/many.py --count 200 --jobs 2 [--alone 190] [--executor loopback:executor]

The others are right (the first `--alone` of them are made again, each in a run of its own, and must have equal bytes),
the broken ones are refused and named, no partial file is left, no word of one client stands in another's report, and a
second run makes only what failed. Prints what was seen and exits with 1 when anything is otherwise.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
say = partial(print, flush=True)
TOKEN = re.compile(r"Zq[0-9]{4}x")

TOML = """
[client]
id = "{name}"
name = "{token} name"
timezone = "Europe/Madrid"
contact = "{token} contact"
[map]
objective = "{token} objective"
products = ["{token} product"]
segments = ["{token} segment"]
scenario = "{token} scenario"
[wave]
id = "w1"
from = 2026-07-01
to = 2026-09-30
[stages]
model = "six"
[[personas]]
id = "online"
name = "{token} persona"
who = "{token} who"
[[touchpoints]]
id = "website"
label = "{token} website"
environment = "online"
stages = ["consideration"]
pages = ["/{token}/*"]
terms = ["website", "{token}"]
[[sources]]
id = "talk"
path = "talk-{token}.csv"
format = "table"
kind = "mentions"
date_format = "%Y-%m-%d"
[sources.mapping]
mention_id = "id"
said_at = "date"
text = "text"
author = "author"
"""

# How a client is broken: what is done to its folder.
WAYS: dict[str, Callable[[Path], object]] = {
    "no TOML": lambda at: edit(at, "[client]", "[client"),
    "unknown key": lambda at: edit(at, "contact =", "contcat ="),
    "no UTF-8": lambda at: (at / "client.toml").write_bytes(b"\xff\xfe\xfa"),
    "wave runs backwards": lambda at: edit(at, "2026-09-30", "2026-05-30"),
    "no such notebook": lambda at: edit(at, "[map]", '[report]\nnotebook = "journey_mpa"\n[map]'),
    "no such file": lambda at: talk(at).unlink(),
    "a date that is none": lambda at: talk(at).write_text("id,date,text,author\n1,soon,a,b\n"),
    "a column that is missing": lambda at: talk(at).write_text("id,date,words,author\n1,2026-07-01,a,b\n"),
    "no text at all": lambda at: talk(at).write_bytes(bytes(range(256)) * 40),
    "too little memory": lambda at: edit(at, "[map]", "[batch]\nmemory_mb = 256\n[map]"),
}


def edit(at: Path, old: str, new: str) -> None:
    """Put something else into a client.toml."""
    text = (at / "client.toml").read_text("utf-8")
    assert old in text
    (at / "client.toml").write_text(text.replace(old, new, 1), "utf-8")


def talk(at: Path) -> Path:
    """The client's only source."""
    [found] = at.glob("talk-*.csv")
    return found


def make_client(data: Path, number: int) -> Path:
    """Write a client with a token of its own in every field, file name and text."""
    token, name = f"Zq{number:04d}x", f"client-{number:04d}"
    place = data / name
    place.mkdir(parents=True)
    (place / "client.toml").write_text(TOML.format(name=name, token=token), "utf-8")
    rows = [f"{row},2026-07-{row % 28 + 1:02d},the website of {token} is slow,{token}{row}" for row in range(1, 13)]
    (place / f"talk-{token}.csv").write_text("\n".join(["id,date,text,author", *rows]) + "\n", "utf-8")
    return place


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line."""
    path = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "cjtools", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path})


def statuses(said: str) -> dict[str, str]:
    """What was said of each client."""
    lines = (line.split(maxsplit=3) for line in said.splitlines() if re.match(r"\s*\d+/\d+ ", line))
    return {line[2]: line[1] for line in lines}


def hashes(folder: Path) -> dict[str, str]:
    """Every file of a folder by its hash."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def wrong(reports: Path, good: list[Path], broken: dict[str, str]) -> list[str]:
    """What is not as it must be in the folder of all reports."""
    found = []
    for place in sorted(reports.iterdir()):
        texts = " ".join(path.read_text("utf-8", "replace") for path in place.rglob("*") if path.is_file())
        if place.is_dir() and (foreign := set(TOKEN.findall(texts)) - {f"Zq{place.name[-4:]}x"}):
            found.append(f"{place.name} holds {sorted(foreign)}")
    found += [f"left over: {path}" for path in reports.rglob(".*")]
    found += [f"no report: {at.name}" for at in good if not (reports / at.name / "w1" / "journey_map.html").is_file()]
    found += [f"a report of {name} ({way})" for name, way in broken.items() if list(reports.glob(f"{name}/*/*.ipynb"))]
    return found


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=200)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--alone", type=int, default=5)
    options.add_argument("--executor", default="")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clients = [make_client(folder / "data", number) for number in range(chosen.count)]
        step = max(chosen.count // len(WAYS), 1)
        broken = {clients[place * step].name: way for place, way in enumerate(WAYS) if place * step < len(clients)}
        for client, way in broken.items():
            WAYS[way](folder / "data" / client)
        good = [client for client in clients if client.name not in broken]
        words = ["report", "--all", "--jobs", str(chosen.jobs), "--executor", chosen.executor]
        start = time.perf_counter()
        first = run(*words, cwd=folder)
        took = time.perf_counter() - start
        told = statuses(first.stderr)
        faults = wrong(folder / "reports", good, broken)
        faults += [f"{at.name} was {told.get(at.name)}" for at in good if told.get(at.name) != "made"]
        faults += [f"{name} ({way}) was {told.get(name)}" for name, way in broken.items() if told.get(name) != "failed"]
        faults += [] if first.returncode == 3 else [f"exit code {first.returncode}"]
        for client in good[: chosen.alone]:
            run("report", str(client), "--out", str(folder / "alone"), cwd=folder)
            if hashes(folder / "alone" / client.name) != hashes(folder / "reports" / client.name):
                faults.append(f"{client.name} is another report when it is made alone")
        again = statuses(run(*words, cwd=folder).stderr)
        faults += [f"{at.name} was {again.get(at.name)} again" for at in good if again.get(at.name) != "unchanged"]
        table = re.findall(r"^  (client-\d+)  (.*)$", first.stderr, re.MULTILINE)
        for client, why in table:
            say(f"  {client}  {broken.get(client, '-'):<26} {why[:90]}")
        say(f"{len(good)} good, {len(broken)} broken, {took:.1f} s, {min(chosen.alone, len(good))} made alone as well")
    say("\n".join(faults) or "all as it must be")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
