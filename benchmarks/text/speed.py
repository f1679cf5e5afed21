"""What understanding texts costs: texts a second on one core, cold and cached, 100,000 mentions end to end, memory.

    python benchmarks/text/speed.py [--texts 20000] [--mentions 100000] [--encoders small e5]

One process a figure, one thread; times are of the processor, so that other work on the machine matters less.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"), "1")


def invented(count: int) -> list[tuple[str, str]]:
    """Return texts with their language: the kit's own sentences, each with an ending of its own."""
    from importlib import resources

    rows = []
    for language in ("ca", "en", "es", "it", "ro"):
        table = (resources.files("cjtools.text") / "sentences" / f"{language}.tsv").read_text("utf-8")
        rows += [(line.split("\t")[0], language) for line in table.splitlines()[1:]]
    chance = random.Random(1)
    chance.shuffle(rows)
    words = [word for text, _ in rows for word in text.split()]
    return [
        (f"{text} {' '.join(chance.sample(words, 3))}", language)
        for number in range(count)
        for text, language in [rows[number % len(rows)]]
    ]


def measured(work: Callable[[], object], count: int) -> dict[str, float]:
    """Return how many texts a second of processor time and of wall time a piece of work does."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"a second of CPU": round(count / cpu), "a second": round(count / wall), "seconds": round(wall, 2)}


def encoding(name: str, count: int) -> dict[str, object]:
    """Return the speed of an encoder, cold and cached."""
    from cjtools.text.encoders import cached, load_encoder

    texts = [text for text, _ in invented(count)]
    encoder = load_encoder(name)
    encoder.encode(texts[:64])
    with tempfile.TemporaryDirectory() as folder:
        cold = measured(lambda: cached(encoder, Path(folder)).encode(texts), count)
        again = measured(lambda: cached(encoder, Path(folder)).encode(texts), count)
    return {"cold": cold, "cached": again}


def scoring(name: str, count: int) -> dict[str, object]:
    """Return the speed of sentiment with an encoder, vectors and word lists and reasons together."""
    import polars as pl

    from cjtools.text.encoders import load_encoder
    from cjtools.text.sentiment import score_sentiment

    rows = [(str(number), *row) for number, row in enumerate(invented(count))]
    quotes = pl.DataFrame(rows, schema=["quote_id", "text", "language"], orient="row")
    encoder = load_encoder(name)
    score_sentiment(quotes.head(64), encoder=encoder)
    return {"sentiment": measured(lambda: score_sentiment(quotes, encoder=encoder), count)}


def whole_way(name: str, count: int) -> dict[str, object]:
    """Return what 100,000 mentions cost from a CSV file to understood tables: read, languages, copies, sentiment."""
    import csv

    import cjtools as cj
    from cjtools.text.understand import understand

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with (place / "mentions.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "author", "date", "text"])
            for number, (text, _) in enumerate(invented(count)):
                writer.writerow([number, f"u{number % 5000}", f"2026-0{1 + number % 9}-1{number % 10}T10:00:00Z", text])
        (place / "client.toml").write_text(
            '[client]\nid = "bench"\nname = "Bench"\n[wave]\nfrom = 2026-01-01\nto = 2026-12-31\n'
            f'[text]\nencoder = "{name}"\n[[sources]]\nid = "mentions"\npath = "mentions.csv"\n'
            'format = "table"\nkind = "mentions"\n'
            '[sources.mapping]\nmention_id = "id"\nauthor = "author"\nsaid_at = "date"\ntext = "text"\n',
            encoding="utf-8",
        )
        client = cj.load_client(place)
        tables = cj.read_sources(client)
        cold = measured(lambda: understand(tables, client=client), count)
        again = measured(lambda: understand(tables, client=client), count)
    return {"cold": cold, "again": again}


JOBS: dict[str, Callable[[str, int], dict[str, object]]] = {
    "encoding": encoding,
    "scoring": scoring,
    "whole_way": whole_way,
}


def child(job: str, name: str, count: int) -> dict[str, object]:
    """Return what a job printed in a process of its own, with its highest memory."""
    run = subprocess.run(
        [sys.executable, __file__, "--child", job, name, str(count)],
        env={**os.environ, **ONE_THREAD}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, object] = json.loads(run.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--mentions", type=int, default=100_000)
    parser.add_argument("--encoders", nargs="+", default=["small"])
    parser.add_argument("--child", nargs=3)
    asked = parser.parse_args()
    if asked.child:
        job, name, count = asked.child
        found = JOBS[job](name, int(count))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps({**found, "peak MB": peak}))
        return
    for name in asked.encoders:
        for job, count in (("encoding", asked.texts), ("scoring", asked.texts), ("whole_way", asked.mentions)):
            if name == "small" or job != "whole_way":
                print(f"{name} {job}, {count:,} texts: {json.dumps(child(job, name, count))}", flush=True)


if __name__ == "__main__":
    main()
