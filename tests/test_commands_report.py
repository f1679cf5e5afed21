"""The command `report`: a page whole or none; papermill gives the same; the same bytes anywhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import EXAMPLE, ROOT
from fixtures.run_command import cjtools, faulty, hashes, sections


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """The example's report, made once."""
    out = tmp_path_factory.mktemp("reports")
    done = cjtools("report", "data/example", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("example/2026-Q3/journey_map.html")
    return out / "example" / "2026-Q3"


def test_a_report_is_a_page_its_notebook_its_tables_and_its_manifest(made):
    assert sorted(path.name for path in made.iterdir()) == [
        "journey_map.html",
        "journey_map.ipynb",
        "manifest.json",
        "tables",
    ]
    assert (made / "journey_map.html").stat().st_size < 3_000_000
    manifest = json.loads((made / "manifest.json").read_text("utf-8"))
    assert manifest["outputs"] == {name: code for name, code in hashes(made).items() if name != "manifest.json"}


def test_a_quiet_run_says_nothing_but_where_the_page_is(made, tmp_path):
    done = cjtools("report", "data/example", "--out", str(tmp_path), "--audience", "executive")
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    assert done.stdout.strip().endswith("journey_map.executive.html")


def test_the_same_input_gives_the_same_bytes_in_any_folder_and_under_any_hash_seed(made, tmp_path):
    elsewhere = tmp_path / "else where" / "data" / "example"
    shutil.copytree(EXAMPLE, elsewhere)
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "7",
        "POLARS_MAX_THREADS": "1",
        "TZ": "Pacific/Auckland",
        "LC_ALL": "C",
    }
    command = [sys.executable, "-m", "cjtools", "report", "data/example"]
    subprocess.run(command, cwd=tmp_path / "else where", env=environment, check=True, capture_output=True, timeout=180)
    assert hashes(tmp_path / "else where" / "reports" / "example" / "2026-Q3") == hashes(made)


def test_papermill_gives_the_same_map_as_the_command(made, tmp_path):
    command = [sys.executable, "-m", "papermill", "-k", "python3", "notebooks/journey_map.ipynb"]
    command += [str(tmp_path / "out.ipynb"), "-p", "client", "data/example"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=180)
    by_papermill, by_command = sections(tmp_path / "out.ipynb"), sections(made / "journey_map.ipynb")
    assert {name: by_papermill[name] for name in by_command if name in by_papermill} == {
        name: value for name, value in by_command.items() if name in by_papermill
    }
    assert "matrix" in by_papermill


def test_papermill_stops_at_a_parameter_that_the_notebook_does_not_know(tmp_path):
    command = [sys.executable, "-m", "papermill", "-k", "python3", "notebooks/journey_map.ipynb"]
    command += [str(tmp_path / "out.ipynb"), "-p", "langauge", "ca"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180)
    assert done.returncode != 0
    assert "langauge: not a parameter of this notebook; did you mean 'language'?" in done.stderr


def test_a_report_of_a_faulty_client_names_the_faults_and_publishes_nothing(folder, tmp_path):
    faulty(folder)
    done = cjtools("report", str(folder), "--out", str(tmp_path / "out"))
    assert done.returncode == 1
    assert "m.csv line 3" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "out").rglob("journey_map*"))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("report", "data/exampel"), "the file is not there"),
        (("report", "data/example", "--language", "fr"), "'fr' is not known"),
        (("report", "data/example", "--audience", "clients"), "did you mean 'client'?"),
        (("report", "data/example", "--wave", "2026-Q2"), "no wave is called '2026-Q2'"),
    ],
)
def test_what_does_not_exist_is_named_before_anything_runs(tmp_path, words, says):
    done = cjtools(*words, "--out", str(tmp_path / "out"))
    assert (done.returncode, says in done.stderr) == (1, True)
    assert not (tmp_path / "out").exists()
