"""The notebooks that ship, by papermill and by the command: the same sections. (journey_map is tried in the suite.)"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import EXAMPLE, ROOT
from fixtures.run_command import sections

import cjtools as cj

SHOWN = {
    "coding": ("coding", "languages", "machine", "agreement", "saturation", "themes", "codebook"),
    "journeys": ("followed", "stage-funnel", "stage-paths", "stage-moves", "visit-measures", "lifecycle"),
    "sources": ("inventory", "sources", "calendar", "coverage", "matches", "left-out"),
}


@pytest.mark.parametrize("notebook", SHOWN)
def test_papermill_gives_what_the_command_gives(notebook: str, tmp_path: Path) -> None:
    pytest.importorskip("ipywidgets", reason="ipywidgets is not installed: the [lab] extra")
    by_command = sections(cj.report.make_report(EXAMPLE, notebook=notebook, out=tmp_path).with_suffix(".ipynb"))
    out = tmp_path / "out.ipynb"
    command = [sys.executable, "-m", "papermill", "-k", "python3", f"notebooks/{notebook}.ipynb", str(out)]
    subprocess.run([*command, "-p", "client", "data/example"], cwd=ROOT, check=True, capture_output=True, timeout=180)
    by_papermill = sections(out)
    assert set(SHOWN[notebook]) <= by_papermill.keys()
    shared = by_papermill.keys() & by_command.keys()
    assert set(SHOWN[notebook]) <= shared
    assert {name: by_papermill[name] for name in shared} == {name: by_command[name] for name in shared}
