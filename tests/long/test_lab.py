"""The notebooks in a real JupyterLab: they run by hand, the explorer filters, and the coder saves and takes back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

import cjtools as cj

pytest.importorskip("jupyterlab", reason="JupyterLab is not installed: the [lab] extra")

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--disable-quic",
]  # fmt: skip
QUIET = '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}'


@pytest.fixture(scope="module")
def folder_of_lab(tmp_path_factory) -> Path:
    """A folder with copies of the notebooks and the example client."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    shutil.copytree(ROOT / "data" / "example", folder / "data" / "example")
    return folder


@pytest.fixture(scope="module")
def lab(folder_of_lab) -> Iterator[str]:
    """A JupyterLab of its own over that folder; its address."""
    folder = folder_of_lab
    settings = folder / "config" / "lab" / "settings"
    settings.mkdir(parents=True)
    (settings / "overrides.json").write_text(QUIET)
    environment = {
        **os.environ, "JUPYTER_CONFIG_DIR": str(folder / "config"), "JUPYTER_DATA_DIR": str(folder / "share"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "user"), "JUPYTERLAB_WORKSPACES_DIR": str(folder / "spaces"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
    }  # fmt: skip
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"]
    command += ["--IdentityProvider.token=", f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None"]
    server = subprocess.Popen(
        command, env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield wait_for(folder / "runtime", server)
    finally:
        server.terminate()
        server.wait(20)


def wait_for(runtime: Path, server: subprocess.Popen[bytes]) -> str:
    """The address of the server once it answers."""
    for _ in range(600):
        assert server.poll() is None, "JupyterLab ended"
        for file in runtime.glob("jpserver-*.json"):
            url = json.loads(file.read_text())["url"]
            try:
                urllib.request.urlopen(f"{url}api", timeout=2)
            except OSError:
                continue
            return url
        time.sleep(0.2)
    raise AssertionError("JupyterLab did not start within two minutes")


@pytest.fixture(scope="module")
def page(chromium, lab):
    """A browser window; what it asks of other hosts is kept in `page.foreign`."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=FLAGS)
        window = browser.new_page(viewport={"width": 1500, "height": 1400})
        window.set_default_timeout(180_000)
        window.foreign = []
        window.on(
            "request", lambda request: window.foreign.append(request.url) if is_foreign(request.url, lab) else None
        )
        yield window
        browser.close()


def is_foreign(url: str, lab: str) -> bool:
    """Whether a request leaves the machine."""
    return url.startswith(("http:", "https:", "ws")) and lab.split("//")[1].split("/")[0] not in url


def run_all(page, lab: str, notebook: str) -> None:
    """Open a notebook and run every cell of it."""
    page.goto(f"{lab}lab/tree/notebooks/{notebook}?reset", wait_until="domcontentloaded")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_function("document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status === 'idle'")
    page.click(".jp-NotebookPanel .jp-Notebook .jp-CodeCell .cm-content")
    page.click("text=Run >> nth=0")
    page.click("text=Run All Cells")


def test_the_explorer_filters_the_evidence_the_map_and_the_charts(page, lab):
    run_all(page, lab, "explore.ipynb")
    line = page.locator(".jp-OutputArea .widget-label", has_text="interviews")
    line.wait_for()
    page.wait_for_selector(".jp-OutputArea .vega-embed svg, .jp-OutputArea .vega-embed canvas")
    whole = line.inner_text()
    assert whole.startswith("15 interviews ca/en/es/it/ro · 570 mentions and reviews")
    persona = page.locator(".widget-dropdown", has_text="Persona").locator("select")
    persona.select_option(label="The comparer")
    page.wait_for_function("text => !document.body.innerText.includes(text)", arg=whole)
    assert line.inner_text().startswith("5 interviews")
    persona.select_option(label="all")
    page.locator(".widget-dropdown", has_text="Language").locator("select").select_option(label="ca")
    page.wait_for_function("text => document.body.innerText.includes(text)", arg="3 interviews ca")
    page.locator(".lm-TabBar-tab", has_text="Map").click()
    page.wait_for_selector(".jp-OutputArea table caption, .jp-OutputArea table th")
    assert page.foreign == []


@pytest.mark.parametrize(("name", "cells"), [("journey_map", 15), ("sources", 9)])
def test_a_notebook_of_reports_gives_by_hand_what_the_command_gives(page, lab, folder_of_lab, tmp_path, name, cells):
    run_all(page, lab, f"{name}.ipynb")
    page.wait_for_function("document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status === 'busy'")
    page.wait_for_function("document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status === 'idle'")
    page.keyboard.press("Control+s")
    notebook = folder_of_lab / "notebooks" / f"{name}.ipynb"
    by_hand: list[dict] = []
    for _ in range(100):
        by_hand = code_cells(notebook)
        if all(cell["execution_count"] for cell in by_hand):
            break
        time.sleep(0.2)
    made = cj.report.make_report(folder_of_lab / "data" / "example", notebook=name, out=tmp_path).with_suffix(".ipynb")
    by_command = {cell["id"]: cell for cell in code_cells(made)}
    assert len(by_hand) > cells
    for cell in by_hand:
        if cell["id"] not in ("parameters", "provenance"):
            assert shown(cell) == shown(by_command[cell["id"]]), cell["id"]
    assert page.foreign == []


def test_a_quote_is_coded_by_the_keyboard_and_taken_back(page, lab, folder_of_lab):
    run_all(page, lab, "coding.ipynb")
    accept = page.locator(".jp-OutputArea button.widget-button", has_text="Accept")
    accept.wait_for()
    first = page.locator(".jp-OutputArea blockquote").inner_text()
    accept.focus()
    page.keyboard.press("Enter")
    page.locator(".jp-OutputArea .widget-label", has_text="Saved: ").wait_for()
    assert page.locator(".jp-OutputArea blockquote").inner_text() != first
    assert page.evaluate("document.activeElement.innerText").strip() == "Accept"
    codings = folder_of_lab / "data" / "example" / "codings.csv"
    assert codings.read_text("utf-8").count(",me,person,,true,") == 1
    page.locator(".jp-OutputArea button.widget-button", has_text="Undo").click()
    page.locator(".jp-OutputArea .widget-label", has_text="Taken back: ").wait_for()
    assert page.locator(".jp-OutputArea blockquote").inner_text() == first
    assert codings.read_text("utf-8").count(",me,person,,") == 2
    assert page.foreign == []


def code_cells(notebook: Path) -> list[dict]:
    """The code cells of a saved notebook; one without a count while it is being written."""
    try:
        cells = json.loads(notebook.read_text("utf-8"))["cells"]
    except json.JSONDecodeError:
        return [{"execution_count": None}]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def shown(cell: dict) -> list[dict]:
    """What a cell shows: its views and charts as data."""
    return [
        {kind: value for kind, value in output.get("data", {}).items() if kind.endswith("+json")}
        for output in cell["outputs"]
        if output.get("name") != "stderr"
    ]
