"""The project itself: floors, pins, notebooks, no host names, one list of dependencies."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LINT = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or "lint-imports"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def tracked() -> list[Path]:
    """The files of the project: those git knows, or would."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("this is no git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_imports_point_one_way():
    done = subprocess.run([LINT, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_floors_would_say_so_if_they_did_not(tmp_path):
    plan = (ROOT / "pyproject.toml").read_text("utf-8")
    upside_down = plan.replace('  "cjtools.errors",\n]', "]").replace(
        'layers = [\n  "cjtools.__main__",', 'layers = [\n  "cjtools.errors",\n  "cjtools.__main__",'
    )
    section = upside_down[upside_down.index("[tool.importlinter]") :]
    (tmp_path / "plan.toml").write_text(section, encoding="utf-8")
    command = [LINT, "--no-cache", "--config", str(tmp_path / "plan.toml")]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True).returncode != 0


def test_the_constraints_are_the_same_in_both_places_and_name_no_host():
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert lines == PYPROJECT["tool"]["uv"]["constraint-dependencies"]
    assert not [line for line in lines if "://" in line]


def test_every_dependency_is_pinned():
    pinned = {re.split(r"[=<>~ ;]", line)[0] for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()}
    project = PYPROJECT["project"]
    wanted = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    assert {re.split(r"[=<>~ ;\[]", line)[0] for line in wanted} <= pinned


def test_conda_installs_the_project_and_lists_nothing_twice():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    *plain, pip = environment["dependencies"]
    assert plain == [f"python{PYPROJECT['project']['requires-python']}", "pip"]
    assert pip == {"pip": ["-c constraints.txt", "-e .[lab,test]"]}


def test_making_reports_does_not_install_jupyterlab():
    core = " ".join(PYPROJECT["project"]["dependencies"])
    assert "jupyterlab" not in core
    assert "ipywidgets" not in core


def test_ci_runs_the_command_that_the_readme_names():
    readme = (ROOT / "README.md").read_text("utf-8")
    command = re.search(r"^(uv run .*pytest)\b", readme, re.MULTILINE)[1]
    assert command in (ROOT / ".ci" / "run").read_text("utf-8")


def test_the_readme_names_every_format_and_no_other():
    from cjtools.sources import READERS

    readme = (ROOT / "README.md").read_text("utf-8")
    table = readme[readme.index("| evidence | `format` |") : readme.index("or is left out: then the content decides")]
    named = re.findall(r"(?<=[|,] )`(\w+)`", table.partition("|---|---|")[2])
    assert sorted(named) == sorted(READERS)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_holds_no_outputs_and_only_calls_the_package(notebook):
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    source = "\n".join("".join(cell["source"]) for cell in code)
    assert not re.search(r"^\s*(def|class|for|if|while|try|with|lambda)\b", source, re.MULTILINE)
    assert len({cell["id"] for cell in cells}) == len(cells)
    assert sum("parameters" in cell["metadata"].get("tags", []) for cell in cells) == 1


def test_no_host_of_a_registry_and_no_path_of_a_machine_is_named():
    hosts = "|".join(["py" + r"pi\.org", "python" + r"hosted\.", r"registry\." + "npmjs", r"deb\." + "debian"])
    paths = "/(" + "|".join(["wo" + "rk", "ro" + "ot", "ho" + "me/[a-z]"]) + ")/"
    bad = []
    for path in tracked():
        if path.suffix in {".parquet", ".zip"}:
            continue
        text = path.read_text("utf-8", errors="ignore")
        bad += [f"{path.relative_to(ROOT)}: {found[0]}" for found in re.finditer(f"{hosts}|{paths}", text)]
    assert not bad


def test_no_file_is_large():
    large = {path.name for path in tracked() if path.stat().st_size > 1_000_000}
    # The encoder that ships with the package: what it weighs is what it is worth.
    assert large <= {"small.npz"}


def test_the_package_says_its_version():
    import cjtools

    assert cjtools.__version__ == PYPROJECT["project"]["version"]
    done = subprocess.run([sys.executable, "-m", "cjtools", "--version"], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == f"cjtools {cjtools.__version__}"
