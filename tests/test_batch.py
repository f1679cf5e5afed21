"""Reports of many clients: a process each, what is up to date stays, nothing of one is in another's, verified after."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import MINIMAL, ROOT
from fixtures.run_command import cjtools, hashes
from papermill.exceptions import PapermillExecutionError
from test_report_run import FIRST, LAST, write_notebook

from cjtools.commands import batch as said
from cjtools.errors import ParameterError, ReportError
from cjtools.report import batch, execute, job, pool, warm
from cjtools.report.inputs import fingerprint, hash_of, is_current, take_snapshot
from cjtools.report.order import take_order
from cjtools.report.overview import published_in, write_overview
from cjtools.report.run import make_report
from cjtools.report.verify import input_faults, verify_report
from cjtools.report.watch import Limits, Watch
from cjtools.settings import versions as settings_versions

MENTIONS = """
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


def client_with(folder: Path, name: str, token: str, more: str = "") -> Path:
    """Write a client that has a token in every field that a consultant fills in, in its texts and file names."""
    place = folder / "data" / name
    place.mkdir(parents=True)
    text = MINIMAL.replace('"acme"', f'"{name}"').replace('"Acme"', f'"{token} Ltd"').replace('"Website"', f'"{token}"')
    text += MENTIONS.format(token=token) + more
    text += f'\n[map]\nobjective = "{token}"\nproducts = ["{token}"]\nscenario = "{token}"\n'
    (place / "client.toml").write_text(text, encoding="utf-8")
    rows = [f"{n},2026-07-{n + 1:02d},the website of {token} is slow,{token}{n}" for n in range(1, 9)]
    (place / f"talk-{token}.csv").write_text("\n".join(["id,date,text,author", *rows]), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Three clients, one of which may use less memory than it needs, in one batch on two processes."""
    folder = tmp_path_factory.mktemp("batch")
    client_with(folder, "ant", "Zanthoxyl")
    client_with(folder, "bee", "Quillwort")
    client_with(folder, "cow", "Yarrowby", more="\n[batch]\nmemory_mb = 256\n")
    (folder / "data" / "dog").mkdir()
    (folder / "data" / "dog" / "client.toml").write_text("[client]\nid = 7\n", encoding="utf-8")
    return folder, cjtools("report", "--all", "--jobs", "2", cwd=folder)


def test_a_broken_client_stops_no_other_and_a_table_says_which_and_why(ran):
    folder, done = ran
    assert done.returncode == 3, done.stderr
    assert done.stdout.splitlines() == [f"reports/{name}/w1/journey_map.html" for name in ("ant", "bee")]
    lines = done.stderr.splitlines()
    assert sorted(line.split()[1] for line in lines[:4]) == ["failed", "failed", "made", "made"]
    assert lines[4] == "2 of 4 reports were not made:"
    assert lines[5].startswith("  cow  memory: ")
    assert "256 MB are the limit" in lines[5]
    assert lines[6].startswith("  dog  client.id: ")
    assert "Traceback" not in done.stderr
    assert not list((folder / "reports").rglob(".*part*"))
    assert [path.name for path in (folder / "reports" / "cow" / "w1").iterdir()] == ["error_report.html"]


def test_no_word_of_one_client_is_in_the_report_of_another(ran):
    folder, _ = ran
    tokens = {"ant": "Zanthoxyl", "bee": "Quillwort", "cow": "Yarrowby"}
    for name in tokens:
        texts = [path.read_text("utf-8") for path in (folder / "reports" / name).rglob("*") if path.is_file()]
        assert texts
        for other, token in tokens.items():
            found = any(token in text for text in texts)
            assert found == (other == name and name != "cow"), (name, other)


def test_a_second_run_makes_only_what_failed(ran):
    folder, _ = ran
    before = hashes(folder / "reports" / "bee")
    shutil.rmtree(folder / "data" / "cow")  # another kernel would be started, and ended
    again = cjtools("report", "--all", cwd=folder)
    assert again.returncode == 3
    assert sorted(line.split()[1] for line in again.stderr.splitlines()[:3]) == ["failed", "unchanged", "unchanged"]
    assert hashes(folder / "reports" / "bee") == before
    log = [json.loads(line) for line in (folder / "reports" / "runs.jsonl").read_text("utf-8").splitlines()]
    assert [line["status"] for line in log][4:] == ["unchanged", "unchanged", "failed"]


class Page(HTMLParser):
    """What a checker of the overview needs: tags, header scopes, captions, links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.append(dict(attrs))


def test_the_overview_lists_reports_and_faults_needs_nothing_and_is_the_same_again(ran):
    folder, _ = ran
    html = (folder / "reports" / "index.html").read_text("utf-8")
    page = Page(html)
    assert "script" not in page.tags
    assert page.tags.count("table") == page.tags.count("caption") == 2
    heads = [attrs for tag, attrs in zip(page.tags, page.attributes, strict=True) if tag == "th"]
    assert {attrs.get("scope") for attrs in heads} == {"col", "row"}
    links = [attrs["href"] for tag, attrs in zip(page.tags, page.attributes, strict=True) if tag == "a"]
    assert links == ["ant/w1/journey_map.html", "bee/w1/journey_map.html"]
    assert "http" not in html.replace("http-equiv", "")
    assert "Zanthoxyl Ltd" in html
    assert "client.id" in html
    pages = [published.page for published in published_in(folder / "reports")]
    outcomes = [job.Outcome(Path("data/ant"), "made", pages[0])]
    one, two = (write_overview(folder / "reports", outcomes, language="ca").read_bytes() for _ in range(2))
    assert one == two
    assert b'<html lang="ca">' in one


def publish_wave(reports: Path, wave: str, first: str, last: str, inputs: dict[str, str], verdict: str) -> None:
    """Write what a report of a wave leaves, as far as the overview looks at it."""
    place = reports / "acme" / wave
    (place / "tables").mkdir(parents=True)
    (place / "tables" / "verdicts.csv").write_text(
        f"touchpoint,verdict\nwebsite,{verdict}\nshop,strength\n", "utf-8-sig"
    )
    (place / "tables" / "coverage.csv").write_text("stage,state\na,evidence\nb,silent\n", "utf-8-sig")
    outputs = {"tables/verdicts.csv": verdict, "tables/coverage.csv": "same", "journey_map.html": wave}
    given = {"client": "acme", "wave": wave, "language": "en", "audience": "team"}
    about = {"name": "Acme", "status": "draft", "from": first, "to": last, "previous": ""}
    manifest = {"parameters": given, "notebook": "journey_map", "outputs": outputs, "inputs": inputs, "about": about}
    (place / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def test_the_overview_compares_a_wave_with_the_one_before_and_says_what_is_of_an_earlier_run(tmp_path):
    publish_wave(tmp_path, "w0", "2026-01-01", "2026-03-31", {"gone.csv": "0"}, "strength")
    publish_wave(tmp_path, "w1", "2026-04-01", "2026-06-30", {"a.csv": "1", "b.csv": "1"}, "blind_spot")
    publish_wave(
        tmp_path, "w2", "2026-07-01", "2026-09-30", {"a.csv": "2", "b.csv": "1", "c.csv": "1"}, "friction_likely"
    )
    (tmp_path / "acme" / "w2" / "error_report.html").write_text("failed")
    html = write_overview(tmp_path, []).read_text("utf-8")
    assert "no earlier wave" in html
    assert "since w0: new files: 2, changed: 0, gone: 1; tables that differ: verdicts; verdicts that changed: 1" in html
    assert "since w1: new files: 1, changed: 1, gone: 0; tables that differ: verdicts; verdicts that changed: 1" in html
    assert html.count("1 / 2") == 3
    assert html.count("not made; this is the earlier report") == 1
    (tmp_path / "acme" / "w1" / "error_report.ca.html").write_text("another report failed")
    assert write_overview(tmp_path, []).read_text("utf-8") == html


def test_verify_says_what_differs_and_exits_with_one(ran, tmp_path):
    folder, _ = ran
    same = cjtools("verify", "reports/bee/w1/journey_map.html", cwd=folder)
    assert (same.returncode, same.stdout.strip().rpartition(": ")[2]) == (0, "nothing differs"), same.stdout
    (folder / "reports" / "bee" / "w1" / "tables" / "coverage.csv").write_text("x")
    (folder / "reports" / "bee" / "w1" / "journey_map.ipynb").unlink()
    with (folder / "data" / "bee" / "talk-Quillwort.csv").open("a") as file:
        file.write("\n")
    differs = cjtools("verify", "reports/bee/w1", cwd=folder)
    assert differs.returncode == 1
    assert differs.stdout.splitlines()[1:] == [
        "  journey_map.ipynb: is not there",
        "  tables/coverage.csv: was changed after it was made",
        "  talk-Quillwort.csv: was changed after the report was made",
    ]
    assert (
        "inputs: they were not compared"
        in cjtools("verify", str(folder / "reports" / "bee" / "w1"), "--client", str(tmp_path)).stdout
    )


def test_another_version_of_a_package_or_of_the_kit_is_named(ran, monkeypatch):
    folder, _ = ran
    monkeypatch.setattr("cjtools.report.verify.metadata.version", lambda name: "0.0.1" if name == "polars" else "9")
    monkeypatch.setattr("cjtools.report.verify.kit_hash", lambda: "another")
    [found] = verify_report(folder / "reports" / "ant" / "w1" / "manifest.json")
    assert [fault.where for fault in found.faults][-1] == "cjtools"
    assert "polars: is 0.0.1 here; the report was made with" in "\n".join(map(str, found.faults))
    with pytest.raises(ParameterError, match=r"no manifest names it"):
        verify_report(folder / "data")


def test_inputs_that_were_added_are_named_and_other_files_are_not(tmp_path):
    client = client_with(tmp_path, "gnu", "Gentian")
    text = (client / "client.toml").read_text("utf-8").replace("talk-Gentian.csv", "talk-*.csv")
    (client / "client.toml").write_text(text, "utf-8")
    inputs = {name: hash_of(client / name) for name in ("client.toml", "talk-Gentian.csv")}
    assert list(input_faults(inputs, client)) == []
    for name in ("talk-more.csv", "claims.csv", "readme.txt"):
        (client / name).write_text("a")
    assert [str(fault) for fault in input_faults(inputs, client)] == [
        "claims.csv: was added after the report was made",
        "talk-more.csv: was added after the report was made",
    ]
    assert list(input_faults({}, client)) == []  # of a notebook that tells no inputs nothing is known


@pytest.mark.parametrize("name", ["babel", "numpy", "jinja2", "mistune", "scikit-learn", "python"])
def test_another_version_of_what_writes_the_page_makes_another_report(folder, monkeypatch, name):
    order = take_order(folder, wave="", language="", audience="", out=None, notebook="journey_map")
    before = fingerprint(order, {})
    assert fingerprint(order, {}) == before
    there = settings_versions.version_of
    monkeypatch.setattr(settings_versions, "version_of", lambda package: "0" if package == name else there(package))
    assert fingerprint(order, {}) != before


def test_the_package_of_the_annotator_that_is_named_is_among_the_versions(monkeypatch):
    point = SimpleNamespace(dist=SimpleNamespace(name="acme-llm", version="1.5"))
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group, name: [point] if name == "llm" else [])
    assert settings_versions.versions("llm")["acme-llm"] == "1.5"
    assert "acme-llm" not in settings_versions.versions()


def test_what_decides_the_bytes_decides_whether_a_report_is_up_to_date(folder, tmp_path):
    notebook = write_notebook(tmp_path, FIRST, LAST)
    given: dict[str, Any] = {"wave": "", "language": "", "audience": "", "out": tmp_path / "out", "notebook": notebook}
    assert not is_current(take_order(folder, **given))
    page = make_report(folder, out=tmp_path / "out", notebook=notebook)
    assert is_current(take_order(folder, **given))
    assert not is_current(take_order(folder, **{**given, "language": "ca"}))
    (folder / "new.csv").write_text("a")
    assert not is_current(take_order(folder, **given))
    (folder / "new.csv").unlink()
    page.write_text(page.read_text("utf-8") + " ")
    assert not is_current(take_order(folder, **given))
    page.write_text(page.read_text("utf-8").removesuffix(" "))
    assert is_current(take_order(folder, **given))
    order = take_order(folder, **given)
    before = fingerprint(order, take_snapshot(order).hashes)
    write_notebook(tmp_path, FIRST, "1 + 1", LAST)
    assert fingerprint(order, take_snapshot(order).hashes) != before


def test_nothing_that_is_ready_ahead_keeps_a_fork_from_working(folder, tmp_path):
    """What is imported and looked up starts no thread that a copy would lack; polars works in the copy."""
    write_notebook(
        tmp_path,
        FIRST,
        "import os, polars as pl\nframe = pl.DataFrame({'a': [1, 1, 2]}).lazy()",
        "frame.group_by('a').len().collect().height, os.getpid()",
        LAST,
    )
    code = """
import sys
from pathlib import Path
import cjtools.report.warmed
from cjtools.report import seed as forked, warm
from cjtools.report.execute import execute
from cjtools.report.watch import Limits
assert forked.IS_SAFE or sys.platform != "linux", "a thread was started"
seed = warm.plant_kernel()
names = dict.fromkeys(("client", "wave", "language", "audience"), "")
done = execute(Path(sys.argv[1]), {**names, "language": "en"}, what="it", limits=Limits(4096, 1), seed=seed)
print(seed and seed.pid, done.cells[-2].outputs[0].data["text/plain"])
"""
    command = [sys.executable, "-c", code, str(tmp_path / "small.ipynb")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    pid, _, shown = done.stdout.strip().partition(" ")
    assert sys.platform != "linux" or shown == f"(2, {pid})"


def test_a_kernel_that_does_not_start_is_tried_once_more(folder, tmp_path, monkeypatch):
    tried: list[object] = []

    def start(notebook: Any, parameters: Any, *, watch: Watch, seed: object) -> Any:
        tried.append(seed)
        raise RuntimeError("Kernel died before replying to kernel_info")

    monkeypatch.setattr(execute, "run_papermill", start)
    with pytest.raises(ReportError, match="Kernel died before replying"):
        execute.execute(write_notebook(tmp_path, FIRST), {}, what="it", limits=Limits(999, 1), seed=object())  # type: ignore[arg-type]
    assert [seed is None for seed in tried] == [False, True]


@pytest.mark.parametrize(("limits", "said_of"), [(Limits(30, 1), "memory"), (Limits(9999, 0), "time")])
def test_a_process_that_takes_too_much_is_ended_with_those_it_started(limits, said_of):
    code = "import subprocess, sys; x = bytearray(60_000_000); "
    code += "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).wait()"
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        watch = Watch(limits)
        watch.look_after(process.pid)
        assert process.wait(timeout=10) == -9
    assert watch.fault is not None
    assert watch.fault.where == said_of


def test_a_limit_that_was_broken_is_what_is_told(tmp_path, monkeypatch):
    def run(notebook: Any, parameters: Any, *, watch: Watch, seed: object) -> Any:
        watch.fault = watch.broken(5000, late=False)
        raise PapermillExecutionError(1, 1, "x", "DeadKernelError", "died", [])

    monkeypatch.setattr(execute, "run_papermill", run)
    with pytest.raises(ReportError, match="memory: 5000 MB were used; 4096 MB are the limit"):
        execute.execute(write_notebook(tmp_path, FIRST), {}, what="it", limits=Limits(4096, 1))


def test_how_a_process_ended_is_said_in_words():
    assert "SIGKILL" in pool.how_it_ended(-9, late=False)
    assert "SIGSEGV" in pool.how_it_ended(-11, late=False)
    assert pool.how_it_ended(3, late=False) == "ended with exit code 3"
    assert "too long" in pool.how_it_ended(-9, late=True)


@pytest.fixture
def two(tmp_path: Path) -> list[Path]:
    return [client_with(tmp_path, name, name.title()) for name in ("elk", "fox")]


def test_any_executor_does_the_same_jobs_and_a_lost_worker_loses_its_own(two, monkeypatch):
    def make(asked: job.Job) -> job.Outcome:
        if asked.folder.name == "elk":
            raise MemoryError("worker gone")
        assert asked.folder.is_absolute()
        assert asked.out is not None
        assert asked.out.is_absolute()
        return job.Outcome(asked.folder, "made", asked.out / "page.html")

    monkeypatch.setattr(batch, "run_job", make)
    told: list[str] = []
    with ThreadPoolExecutor(2) as executor:
        outcomes = batch.make_reports(two, executor=executor, tell=lambda outcome: told.append(outcome.name))
    assert [outcome.status for outcome in outcomes] == ["failed", "made"]
    assert "was lost by the executor (MemoryError: worker gone)" in outcomes[0].message
    assert sorted(told) == ["elk", "fox"]


def test_a_client_that_is_named_twice_is_made_once(two, monkeypatch):
    monkeypatch.setattr(batch, "run_job", lambda asked: job.Outcome(asked.folder, "made", asked.folder / "page.html"))
    monkeypatch.chdir(two[0].parent)
    outcomes = batch.make_reports([Path("fox"), two[0], two[1], Path("../data/elk")], executor=Here())  # type: ignore[arg-type]
    assert [outcome.folder for outcome in outcomes] == [Path("fox"), two[0]]


class Here:
    """An executor that does everything at once."""

    def submit(self, function: Any, *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*arguments))
        return future


def test_an_executor_is_named_by_module_and_function():
    with said.executor_of("test_batch:Here") as made:
        assert isinstance(made, Here) or type(made).__name__ == "Here"
    for name, says in (("nowhere:x", "nowhere"), ("json", "module:function"), ("json:dumps2", "dumps2")):
        with pytest.raises(ParameterError, match=says), said.executor_of(name):
            pass
    with (
        pytest.raises(ParameterError, match=r"an executor: something with submit\(\)"),
        said.executor_of("builtins:dict"),
    ):
        pass


def test_dask_takes_the_jobs_on_loopback(two):
    distributed = pytest.importorskip("distributed", reason="dask is not installed: pip install 'cjtools[dask]'")
    (two[0] / "talk-Elk.csv").unlink()  # known before a worker is asked
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        [outcome] = batch.on_executor([(0, job.Job(two[0]))], client.get_executor())
    assert outcome[1].status == "failed"
    assert "no such file" in outcome[1].message


def test_everything_that_is_looked_up_ahead_is_there():
    for place in (*warm.LOOKED_UP, *warm.BY_LANGUAGE):
        assert callable(warm.called(place)), place
