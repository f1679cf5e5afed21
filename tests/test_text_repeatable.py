"""What is said of texts has the same bytes on 1, 2 and 8 threads, in any order, and without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

SCRIPT = """
import hashlib
from pathlib import Path
import polars as pl
from cjtools.text.duplicates import near_duplicates
from cjtools.text.encoders import load_encoder
from cjtools.text.language import detect_languages
from cjtools.text.sentiment import score_sentiment
from cjtools.text.themes import find_themes

rows = [
    (f"{language}{number:03}", f"{language}-doc{number % 9}", line.split("\\t")[0], language, number)
    for language in ("ca", "en", "es", "it", "ro")
    for number, line in enumerate(Path(f"cjtools/text/sentences/{language}.tsv").read_text("utf-8").split("\\n")[1:61])
]
names = ["quote_id", "doc_id", "text", "language", "said_at"]
quotes = pl.DataFrame(rows, schema=names, orient="row").with_columns(person=pl.col("quote_id"))
if ORDER:
    quotes = quotes.reverse()
frames = [
    score_sentiment(quotes).sort("quote_id"),
    detect_languages(quotes.with_columns(language=pl.lit(None, dtype=pl.String))).sort("quote_id"),
    near_duplicates(quotes),
    find_themes(quotes, count=6).rows.sort("quote_id"),
]
digest = hashlib.sha256(load_encoder().encode(quotes.sort("quote_id")["text"].to_list()).tobytes())
for frame in frames:
    digest.update(frame.write_json().encode())
print(digest.hexdigest())
"""


def said(*, threads: int = 1, order: bool = False, before: tuple[str, ...] = ()) -> str:
    """Return the hash of all that is said of 300 texts, in a process of its own."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
    environment = {**os.environ, **dict.fromkeys(names, str(threads)), "PYTHONHASHSEED": str(threads)}
    script = SCRIPT.replace("ORDER", str(order))
    run = subprocess.run(
        [*before, sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return run.stdout.strip()


@pytest.fixture(scope="module")
def one() -> str:
    return said()


@pytest.mark.parametrize("threads", [2, 8])
def test_the_number_of_threads_changes_nothing(one, threads):
    assert said(threads=threads) == one


def test_the_order_of_the_texts_changes_nothing(one):
    assert said(order=True) == one


def test_no_network_is_needed(one):
    cut = shutil.which("unshare")
    alone = (str(cut), "--map-root-user", "-n")
    if cut is None or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system does not let a process give up its network")
    assert said(before=alone) == one
