"""One run, from the order to the published folder: whole or not at all, said plainly, repeatable."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from report_fixture import bars, code_cell, example_map, notebook_of

from cjtools.errors import ClientError, ParameterError, ReportError
from cjtools.report import inputs, publish, run
from cjtools.report.execute import refuse_unfinished
from cjtools.report.export import CHART_MIMES, to_page
from cjtools.report.leaks import mask_paths, refuse_leaks
from cjtools.report.order import find_notebook, reports_folder, shipped_notebooks, take_order
from cjtools.report.published import published_notebook
from cjtools.report.run import check_notebook, make_report
from cjtools.report.view import View
from cjtools.report.views import SECTIONS

PARAMETERS = 'client = ""  # folder\nwave = ""\nlanguage = ""\naudience = ""'
FIRST = """
from cjtools.report.view import View
from cjtools.words import load_words

words = load_words(language)
View("definitions", {"language": language, "title": words["section_definitions"], "lead": "", "entries": []})
"""
LAST = """
View("provenance", {
    "language": language, "title": words["section_provenance"], "lead": "",
    "parameters": [], "packages": [], "files": [],
    "manifest": {"parameters": {"wave": wave, "audience": audience}, "packages": {}, "inputs": {}},
    "tables": {"stages": "stage\\nlove\\n"},
})
"""


def write_notebook(folder: Path, *cells: str, parameters: str = PARAMETERS, sections: tuple[str, ...] = ()) -> Path:
    """Write a small notebook: parameters, a section, the given cells, the last section."""
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    if sections:
        notebook.metadata["cjtools"] = {"sections": list(sections)}
    cell = nbformat.v4.new_code_cell(parameters, id="parameters", metadata={"tags": ["parameters"]})
    notebook.cells = [cell, *(nbformat.v4.new_code_cell(text.strip(), id=f"c{n}") for n, text in enumerate(cells))]
    path = folder / "small.ipynb"
    nbformat.write(notebook, path)
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The folder of all reports."""
    return tmp_path / "reports"


def listing(folder: Path) -> dict[str, str]:
    """Return every file below a folder with the hash of what is in it."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def broken(client: Path, out: Path, notebook: Path) -> str:
    """Make a report that fails; return the message."""
    with pytest.raises(ReportError) as caught:
        make_report(client, out=out, notebook=notebook)
    return str(caught.value)


def test_a_report_is_four_things_and_the_same_bytes_again(folder, out, tmp_path, capfd):
    notebook = write_notebook(tmp_path, FIRST, LAST)
    page = make_report(folder, out=out, notebook=notebook)
    first = listing(out)
    assert page == out / "acme" / "w1" / "small.html"
    assert list(first) == [
        "acme/w1/manifest.small.json",
        "acme/w1/small.html",
        "acme/w1/small.ipynb",
        "acme/w1/tables.small/stages.csv",
    ]
    manifest = json.loads((page.parent / "manifest.small.json").read_text("utf-8"))
    assert manifest["outputs"] == {
        name.removeprefix("acme/w1/"): sha for name, sha in first.items() if "manifest" not in name
    }
    executed = (page.parent / "small.ipynb").read_text("utf-8")
    assert str(tmp_path) not in executed
    assert "papermill" not in executed
    assert 'client = \\"acme\\"' in executed
    make_report(folder, out=out, notebook=notebook)
    assert listing(out) == first
    assert capfd.readouterr() == ("", "")


def test_another_language_or_audience_stands_beside_the_report(folder, out, tmp_path, monkeypatch):
    notebook = write_notebook(tmp_path, FIRST, LAST)
    monkeypatch.chdir(tmp_path)
    make_report(Path("acme"), out=out, notebook=notebook, language="ca", audience="client")
    assert sorted(path.name for path in (out / "acme" / "w1").iterdir()) == [
        "manifest.small.ca.client.json",
        "small.ca.client.html",
        "small.ca.client.ipynb",
        "tables.small.ca.client",
    ]
    assert '<html lang="ca">' in (out / "acme" / "w1" / "small.ca.client.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (
            "raise ValueError('no such <b>stage</b>')",
            "small.ipynb, cell 4 (raise ValueError('no such <b>stage</b>')): ValueError: ",
        ),
        ("import sys; sys.exit(0)", "small.ipynb, cell 4 (import sys; sys.exit(0)): SystemExit: 0"),
        ("import os; os._exit(0)", "small.ipynb: DeadKernelError: "),
        ("!false", "small.ipynb, cell 4 (!false): CalledProcessError: "),
        (
            "import threading; t = threading.Thread(target=lambda: 1 / 0); t.start(); t.join()",
            "ZeroDivisionError: division by zero",
        ),
    ],
    ids=["error", "exit", "killed", "shell", "thread"],
)
def test_a_run_that_ends_early_publishes_nothing_and_says_where(folder, out, tmp_path, cell, said):
    old = publish_old_report(out)
    message = broken(folder, out, write_notebook(tmp_path, FIRST, "1 + 1", cell, LAST))
    assert said in message
    now = listing(out)
    assert {name: now[name] for name in old} == old
    assert set(now) - set(old) == {"acme/w1/error_report.small.html"}
    page = (out / "acme" / "w1" / "error_report.small.html").read_text("utf-8")
    assert "<h1>The report was not made</h1>" in page
    assert "<b>stage" not in page
    assert str(tmp_path) not in page


def publish_old_report(out: Path) -> dict[str, str]:
    """Publish what an earlier run would have left; return its files."""
    target = out / "acme" / "w1"
    target.parent.mkdir(parents=True)
    publish.publish(
        target, {"small.html": b"old page", "small.ipynb": b"{}", "manifest.small.json": b'{"outputs": {}}'}
    )
    return listing(out)


def test_a_section_that_did_not_come_out_is_named(folder, out, tmp_path):
    message = broken(
        folder, out, write_notebook(tmp_path, FIRST, LAST, sections=("definitions", "matrix", "provenance"))
    )
    assert message == (
        "the report of acme, w1 was not made: 1 fault\n"
        "  small.ipynb: the section 'matrix' did not come out; every section must be there"
    )


def test_a_report_that_names_this_machine_is_not_published(folder, out, tmp_path):
    message = broken(
        folder, out, write_notebook(tmp_path, FIRST, "import os; print(os.path.expanduser('~/secret'))", LAST)
    )
    assert "small.html: holds the home folder; a report must not name the machine that it was made on" in message
    assert not (out / "acme" / "w1" / "small.html").exists()


def test_a_finished_report_takes_the_error_page_away(out):
    target = out / "acme" / "w1"
    publish.publish_error(target, "went wrong")
    publish.publish(target, {"small.html": b"page"})
    assert list(listing(target)) == ["small.html"]


@pytest.mark.parametrize("in_one_step", [True, False])
def test_a_report_takes_only_its_own_error_page_away(tmp_path, monkeypatch, in_one_step):
    if not in_one_step:
        monkeypatch.setattr(publish, "exchange", lambda one, two: False)
    target, manifest = tmp_path / "w1", b'{"outputs": {}}'
    for label in ("", ".ca", ".coding.executive"):
        publish.publish_error(target, "went wrong", name=publish.error_name(label))
    publish.publish(target, {"journey_map.ca.html": b"page", "manifest.ca.json": manifest})
    assert sorted(path.name for path in target.glob("error*")) == [
        "error_report.coding.executive.html",
        "error_report.html",
    ]
    publish.publish(target, {"journey_map.html": b"page", "manifest.json": manifest})
    assert [path.name for path in target.glob("error*")] == ["error_report.coding.executive.html"]


@pytest.mark.parametrize("place", ["notes/talk.csv", "../talk.csv"])
def test_an_input_that_cannot_be_read_is_named_and_not_the_folder_of_the_reports(folder, out, monkeypatch, place):
    (folder / "notes").mkdir()
    path = (folder / place).resolve()

    def refuse(order: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(run, "take_snapshot", refuse)
    with pytest.raises(ReportError) as caught:
        make_report(folder, out=out, notebook="journey_map")
    said = f"{place.removeprefix('../')}: Permission denied; a file that can be read"
    assert [str(fault) for fault in caught.value.faults] == [said]
    assert "can be read" in (out / "acme" / "w1" / "error_report.html").read_text("utf-8")


def outputs_for(folder: Path, audience: str) -> list[dict[str, Any]]:
    """Return the outputs of the published notebook of one that prints, hides, and draws one column of two."""
    spec = bars(title="No one is called participant")
    datasets = {name: [{**row, "participant": "P01"} for row in rows] for name, rows in spec["datasets"].items()}
    view = View("definitions", {"language": "en", "title": "Words", "lead": "", "entries": []})._repr_mimebundle_()
    chart = {CHART_MIMES[0]: {**spec, "datasets": datasets}, "text/plain": "P01", "image/png": "P01"}
    cells = [code_cell("x", view, chart, {"text/plain": "P01"}), code_cell("y", view, tags=("hide",))]
    cells[0]["outputs"] += [{"output_type": "stream", "name": name, "text": "P01"} for name in ("stdout", "stderr")]
    notebook = nbformat.from_dict({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    order = take_order(folder, wave="", language="", audience=audience, out=None, notebook="journey_map")
    made = json.loads(published_notebook(notebook, order))
    return [output for cell in made["cells"] for output in cell["outputs"]]


@pytest.mark.parametrize("audience", ["client", "executive"])
def test_the_notebook_of_a_client_holds_only_what_the_page_may_show(folder, audience):
    view, chart = outputs_for(folder, audience)
    assert view["data"]["text/plain"] == "definitions: Words"
    assert list(chart["data"]) == [CHART_MIMES[0]]
    assert "P01" not in json.dumps([view, chart])
    rows = next(iter(chart["data"][CHART_MIMES[0]]["datasets"].values()))
    assert {key for row in rows for key in row} == {"label", "n"}
    assert len(outputs_for(folder, "team")) == 5


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"language": "cat"}, "language: 'cat' is not known; did you mean 'ca'?"),
        ({"audience": "clients"}, "audience: 'clients' is not known; did you mean 'client'?"),
        ({"wave": "w2"}, "wave: no wave is called 'w2'; known: w1; add it as a [[waves]] entry"),
        (
            {"notebook": "journey_mpa"},
            "notebook: 'journey_mpa' does not ship with the kit; did you mean 'journey_map'?",
        ),
        ({"notebook": Path("nowhere.ipynb")}, "notebook: no such file: 'nowhere.ipynb'"),
    ],
)
def test_what_does_not_exist_is_refused_before_anything_runs(folder, out, asked, said):
    with pytest.raises(ParameterError) as caught:
        make_report(folder, out=out, **{"notebook": "journey_map", **asked})
    assert said in str(caught.value)
    assert not out.exists()


def test_all_that_is_wrong_with_an_order_is_said_at_once(folder, out):
    with pytest.raises(ParameterError) as caught:
        make_report(folder, out=out, wave="x", language="y", audience="z", notebook="q")
    assert len(caught.value.faults) == 4


def test_a_client_that_is_not_there_is_refused(tmp_path, out):
    with pytest.raises(ClientError, match="the file is not there"):
        make_report(tmp_path / "nobody", out=out)
    assert not out.exists()


def test_a_notebook_that_lacks_a_parameter_is_refused(folder, out, tmp_path):
    notebook = write_notebook(tmp_path, FIRST, parameters='client = ""\nwaves = ""\nlanguage = ""\naudience = ""')
    with pytest.raises(ParameterError) as caught:
        make_report(folder, out=out, notebook=notebook)
    assert str(caught.value) == (
        "small.ipynb cannot be used: 1 fault\n"
        "  wave: not a parameter of small.ipynb; did you mean 'waves'?; add it to the cell tagged parameters"
    )
    assert not out.exists()


def test_two_runs_of_one_report_never_mix(tmp_path):
    target = tmp_path / "acme" / "w1"
    code = "import sys, time; from pathlib import Path; from cjtools.report.publish import locked\n"
    code += "with locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, str(target)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(ReportError) as caught, publish.locked(target):
            pass
        other.kill()
    assert f"lock: another run is making this report (process {other.pid}); wait until it is done" in str(caught.value)
    with publish.locked(target):
        pass
    assert listing(tmp_path) == {}


def test_a_run_that_died_while_publishing_is_finished_by_the_next(tmp_path, monkeypatch):
    target = tmp_path / "w1"
    publish.publish(target, {"a.html": b"old", "b.ipynb": b"old"})
    monkeypatch.setattr(publish, "exchange", lambda one, two: False)  # a system that cannot do it in one step
    moved: list[Path] = []

    def die(self: Path, place: Path) -> None:
        if moved:
            raise KeyboardInterrupt
        moved.append(place)
        self.rename(place)

    monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        publish.publish(target, {"a.html": b"new", "b.ipynb": b"new"})
    monkeypatch.undo()
    assert (target / "a.html").read_bytes() == b"old"
    publish.sweep(target)
    assert {path.read_bytes() for path in target.iterdir()} == {b"new"}
    assert [path.name for path in tmp_path.iterdir()] == ["w1"]


def test_what_is_published_takes_the_place_of_the_old_in_one_step_and_leaves_the_rest(tmp_path, monkeypatch):
    target = tmp_path / "w1"
    publish.publish(target, {"a.html": b"old", "tables/x.csv": b"old", "manifest.json": b"{}"})
    publish.publish(target, {"a.ca.html": b"catalan", "tables.ca/x.csv": b"ca", "manifest.ca.json": b"{}"})
    (target / "notes").mkdir()
    (target / "notes" / "mine.txt").write_text("mine")
    publish.publish_error(target, "went wrong")
    seen: list[bytes] = []
    exchange = publish.exchange

    def looked(one: Path, two: Path) -> bool:
        seen.append((target / "a.html").read_bytes())
        done = exchange(one, two)
        seen.append((target / "a.html").read_bytes())
        return done

    monkeypatch.setattr(publish, "exchange", looked)
    publish.publish(target, {"a.html": b"new", "tables/y.csv": b"new", "manifest.json": b'{"outputs": {}}'})
    assert list(listing(tmp_path)) == [
        f"w1/{name}"
        for name in (
            "a.ca.html",
            "a.html",
            "manifest.ca.json",
            "manifest.json",
            "notes/mine.txt",
            "tables/y.csv",
            "tables.ca/x.csv",
        )
    ]
    assert seen == [b"old", b"new" if sys.platform == "linux" else b"old"]


def test_what_a_run_had_only_begun_is_swept_away(tmp_path):
    (tmp_path / ".w1.part-x").mkdir()
    (tmp_path / ".w1.part-x" / "page.html").write_text("half")
    (tmp_path / ".w1.part-y").write_text("half an error page")
    publish.sweep(tmp_path / "w1")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_keeps_the_old_report(tmp_path, monkeypatch):
    target = tmp_path / "w1"
    publish.publish(target, {"a.html": b"old"})

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publish, "write_through", full)
    with pytest.raises(ReportError, match="No space left on device"):
        publish.publish(target, {"a.html": b"new"})
    assert listing(tmp_path) == {"w1/a.html": hashlib.sha256(b"old").hexdigest()}


@pytest.mark.parametrize("in_one_step", [True, False])
def test_tables_of_an_earlier_run_do_not_linger(tmp_path, monkeypatch, in_one_step):
    if not in_one_step:
        monkeypatch.setattr(publish, "exchange", lambda one, two: False)
    target = tmp_path / "w1"
    manifest = b'{"outputs": {"tables/a.csv": ""}}'
    publish.publish(target, {"tables/a.csv": b"", "tables/b.csv": b"", "manifest.json": manifest})
    publish.publish(target, {"tables/a.csv": b"", "manifest.json": manifest})
    assert list(listing(tmp_path)) == ["w1/manifest.json", "w1/tables/a.csv"]


def test_a_cell_that_never_ran_is_found_though_papermill_says_completed():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1"), nbformat.v4.new_code_cell("y = 2")])
    notebook.cells[0].execution_count = 1
    notebook.cells[1].metadata["papermill"] = {"status": "completed", "exception": None}
    with pytest.raises(ReportError, match=r"cell 1 \(y = 2\): was not run; an earlier cell ended the run"):
        refuse_unfinished(notebook, "n.ipynb", what="the report")


@pytest.mark.parametrize(
    "text",
    [
        "{home}/x",
        "file://{home}/x",
        "C:\\Users\\Ann Lee\\x",
        '"C:\\\\Users\\\\Ann Lee\\\\x"',
        "{folder}",
        "ann lee@PC-77",
        "on pc-77.",
    ],
)
def test_paths_user_and_machine_are_found_however_written(text, tmp_path, monkeypatch):
    monkeypatch.setattr("cjtools.report.leaks.getpass.getuser", lambda: "Ann Lee")
    monkeypatch.setattr("cjtools.report.leaks.socket.gethostname", lambda: "PC-77")
    filled = text.format(home=Path.home(), folder=tmp_path) if "{" in text else text
    with pytest.raises(ReportError, match=r"page\.html: holds the "):
        refuse_leaks("the report", {"page.html": f"before {filled} after"}, folder=tmp_path)


@pytest.mark.parametrize("text", ["The roots of Ann Lee's shop", "data/example", "/ and /tmpfs", "the pc and 77 more"])
def test_ordinary_words_are_no_leak(text, tmp_path, monkeypatch):
    monkeypatch.setattr("cjtools.report.leaks.getpass.getuser", lambda: "Ann Lee")
    monkeypatch.setattr("cjtools.report.leaks.socket.gethostname", lambda: "PC-77")
    refuse_leaks("the report", {"page.html": text}, folder=tmp_path)


def test_messages_are_shown_without_the_machines_folders(tmp_path):
    assert mask_paths(f"{tmp_path}/client.toml", folder=tmp_path) == f"{tmp_path.name}/client.toml"


def test_reports_stand_beside_the_data_folder(tmp_path):
    assert reports_folder(tmp_path / "data" / "acme", None) == tmp_path / "reports"
    assert reports_folder(tmp_path / "acme", None) == Path("reports")
    assert reports_folder(tmp_path / "acme", "there") == Path("there")


def test_the_notebook_of_the_report_promises_every_section():
    order: Any = take_order("data/example", wave="", language="", audience="", out=None, notebook="journey_map")
    sections = check_notebook(order.notebook)
    assert set(SECTIONS) <= set(sections)
    assert sections[-1] == "provenance"
    assert order.parameters["client"] == "data/example"


def test_a_file_that_changed_came_or_went_during_the_run_is_named(folder):
    (folder / "a.csv").write_text("a")
    (folder / "b.csv").write_text("b")
    (folder / ".DS_Store").write_text("x")
    order: Any = take_order(folder, wave="", language="", audience="", out=None, notebook="journey_map")
    before = inputs.take_snapshot(order)
    assert list(before.hashes) == ["a.csv", "b.csv", "client.toml"]
    inputs.refuse_changed({"client.toml": before.hashes["client.toml"], "web.zip/Days.csv": "x"}, before, order)
    (folder / "client.toml").touch()  # another time, but the same file
    inputs.refuse_changed({}, before, order)
    with pytest.raises(ReportError, match=r"client\.toml: changed while the report was made; make the report again"):
        inputs.refuse_changed({"client.toml": "0" * 64}, before, order)
    (folder / "a.csv").write_text("A")
    (folder / "b.csv").unlink()
    (folder / "c.csv").write_text("c")
    with pytest.raises(ReportError) as caught:
        inputs.refuse_changed({}, before, order)
    assert [fault.where for fault in caught.value.faults] == ["a.csv", "b.csv", "c.csv"]


def test_rows_that_were_lost_on_the_way_stop_the_report(folder):
    order: Any = take_order(folder, wave="", language="", audience="", out=None, notebook="journey_map")
    counted = {"rows_in": 10, "rows_used": 7, "rows_rejected": 2, "rows_merged": 1}
    run.refuse_uncounted(counted, order)
    with pytest.raises(ReportError, match="11 rows were read, 10 were used, rejected or merged"):
        run.refuse_uncounted({**counted, "rows_in": 11}, order)


def test_nbconvert_gives_the_same_page():
    from cjtools.report.exporter import PageExporter

    cells = [
        {"metadata": {}, "id": f"c{place}", **cell} for place, cell in enumerate(notebook_of(example_map())["cells"])
    ]
    notebook = nbformat.from_dict({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    page, _ = PageExporter().from_notebook_node(notebook)
    assert page == to_page(notebook, language="en", audience="team")


def test_a_file_that_is_no_notebook_is_refused(folder, out, tmp_path):
    (tmp_path / "n.ipynb").write_text("{]")
    with pytest.raises(
        ParameterError, match=r"n\.ipynb cannot be used: 1 fault\n  notebook: cannot be read as a notebook"
    ):
        make_report(folder, out=out, notebook=tmp_path / "n.ipynb")


def test_a_notebook_is_found_by_its_name():
    assert find_notebook("journey_map") == shipped_notebooks()["journey_map"]
    assert find_notebook("journey_map").is_file()
