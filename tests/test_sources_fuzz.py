"""Every reader over broken copies of its sample: it reads them or says why, never crashes, and loses no row.

40 examples a format here, some 2,000 in all; with CJTOOLS_FUZZ=2000 in the environment, as many of each.
"""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_sources_samples import FORMATS, SAMPLES, client_of

import cjtools as cj
from cjtools.sources import check_sources
from cjtools.tables import SCHEMAS

EXAMPLES = int(os.environ.get("CJTOOLS_FUZZ", "40"))
SNIPPETS = [
    *(
        b"\x00",
        b"\xff",
        b"\xc3",
        b"\n",
        b"\r",
        b'"',
        b"'",
        b",",
        b";",
        b"\t",
        b"{",
        b"}",
        b"[",
        b"]",
        b"<",
        b"&",
        b"--",
    ),
    *(
        b"=1+1",
        b"1e999",
        b"-1",
        b"99999999999999999999",
        b"nan",
        b"2026-02-30",
        b"null",
        b"true",
        b"\\ud800",
        b"%",
        b"#",
    ),
    *(b"\xef\xbb\xbf", "\u202e".encode(), "\ufdd0".encode(), b"PK\x03\x04", b" " * 40, b"\n\n\n"),
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
]


@st.composite
def mutations(draw: st.DrawFn) -> list[tuple[str, float, float, bytes]]:
    """Return some changes of a file: what is done, from where and to where (0 to 1), with what."""
    what = st.sampled_from(["cut", "drop", "insert", "repeat", "replace", "swap"])
    part = st.floats(0, 1, allow_nan=False)
    return draw(st.lists(st.tuples(what, part, part, st.sampled_from(SNIPPETS)), min_size=1, max_size=4))


def mutated(data: bytes, changes: list[tuple[str, float, float, bytes]]) -> bytes:
    """Return the bytes of a file after some changes."""
    for what, first, last, snippet in changes:
        a, b = sorted((int(first * len(data)), int(last * len(data))))
        b = min(b, a + 200)
        match what:
            case "cut":
                data = data[:a]
            case "drop":
                data = data[:a] + data[b:]
            case "insert":
                data = data[:a] + snippet + data[a:]
            case "repeat":
                data = data[:b] + data[a:b] + data[b:]
            case "replace":
                data = data[:a] + snippet + data[a + len(snippet) :]
            case _:
                data = data[:a] + data[b : b + b - a] + data[a:b] + data[b + b - a :]
    return data


@cache
def prepared(form: str, folder: Path) -> tuple[cj.Client, list[tuple[Path, bytes]]]:
    """Return a client over the sample of a format, and its files with their bytes."""
    folder.mkdir(parents=True)
    client = client_of(folder, form, said=form)
    names = [file.relative_to(SAMPLES / form) for file in sorted((SAMPLES / form).rglob("*")) if file.is_file()]
    files = [folder / name for name in names if name.name != "source.toml"]
    return client, [(file, file.read_bytes()) for file in files]


@pytest.mark.parametrize("form", FORMATS)
def test_a_broken_file_is_read_or_told_and_never_crashes(form: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    base = tmp_path_factory.mktemp("fuzz")

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(mutations(), st.integers(0, 50))
    def run(changes: list[tuple[str, float, float, bytes]], which: int) -> None:
        client, files = prepared(form, base / form)
        shutil.rmtree(client.folder / ".cache", ignore_errors=True)
        target, data = files[which % len(files)]
        target.write_bytes(mutated(data, changes))
        try:
            tables, faults = check_sources(client)
        finally:
            target.write_bytes(data)
        for fault in faults:
            assert fault.where
            assert fault.found
            assert "\n" not in str(fault)
            assert "declares" not in str(fault), fault
            assert "fault of the reader" not in str(fault), fault
        counts = tables.sources.select("rows_in", "rows_used", "rows_rejected", "rows_merged").rows()
        assert all(came == used + rejected + merged for came, used, rejected, merged in counts)
        if not faults:
            for name, schema in SCHEMAS.items():
                schema.validate(getattr(tables, name).lazy().collect())

    run()
