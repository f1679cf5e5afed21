"""The commands that give data away: the event log, the notebook of the sources."""

from __future__ import annotations

import shutil

import pytest
from conftest import EXAMPLE
from fixtures.run_command import cjtools


def test_a_notebook_that_does_not_ship_is_named(tmp_path):
    done = cjtools("report", "data/example", "--notebook", "source", "--out", str(tmp_path / "out"))
    assert (done.returncode, "did you mean 'sources'?" in done.stderr) == (1, True)


def test_an_event_log_is_exported_under_a_key_that_stays_in_the_house(tmp_path):
    shutil.copytree(EXAMPLE, tmp_path / "data" / "example")
    first = cjtools("export", "data/example", cwd=tmp_path)
    assert (first.returncode, first.stderr) == (0, "")
    assert " ".join(first.stdout.split()).startswith(
        "example-2026-Q3.ocel.json 30,557 events; left out: 1,252 without consent, 73 of the company itself "
        "Ids are hashed with data/example/.cjtools/pseudonyms.key: keep that file in the house"
    )
    log = (tmp_path / "example-2026-Q3.ocel.json").read_bytes()
    key = tmp_path / "data" / "example" / ".cjtools" / "pseudonyms.key"
    assert key.stat().st_mode & 0o77 == 0
    assert len(key.read_text()) > 32
    again = cjtools("export", "data/example", "--out", "again.json", cwd=tmp_path)
    assert (again.returncode, (tmp_path / "again.json").read_bytes() == log) == (0, True)
    (tmp_path / "my.key").write_text("one of my own")
    other = cjtools("export", "data/example", "--format", "csv", "--case", "session", "--key", "my.key", cwd=tmp_path)
    assert "116 that belong to no session" in other.stdout
    rows = (tmp_path / "example-2026-Q3.csv").read_text("utf-8").splitlines()
    assert len(rows) == 1 + 30_441
    assert key.read_text()[:64] not in log.decode() + "".join(rows)
    assert "data/example/.cjtools" not in cjtools("check", "data/example", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--format", "oecl"), "format: 'oecl' is no format; did you mean 'ocel'?"),
        (("--case", "orders"), "case: 'orders' is no case; did you mean 'order'?"),
        (("--also", "bots"), "also: 'bots' is no mark of events; did you mean 'bot'?"),
        (("--wave", "2026-Q9"), "no wave is called '2026-Q9'"),
        (("--key", "no.key"), "no.key: No such file or directory"),
    ],
)
def test_an_export_that_cannot_be_is_refused(tmp_path, words, says):
    shutil.copytree(EXAMPLE, tmp_path / "example")
    done = cjtools("export", "example", *words, cwd=tmp_path)
    assert (done.returncode, says in done.stderr, done.stdout) == (1, True, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["example"]
