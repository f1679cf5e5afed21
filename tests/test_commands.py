"""The command line as a consultant uses it: new, check, report; papermill gives the same; the same bytes anywhere."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import EXAMPLE, ROOT, SHARED

NOTE = """---
participant: P01
date: 2026-03-14
language: en
consent: report
buys: online
---
## Consideration
- Compared three shops first [@website comparing +1]

> "I could not see the delivery cost." [decision @website pain -2]
"""


def cjtools(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does."""
    command = [sys.executable, "-m", "cjtools", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=180)


def hashes(folder: Path) -> dict[str, str]:
    """Every file below a folder by its content."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def sections(notebook: Path) -> dict[str, list]:
    """What each code cell of an executed notebook shows, as data; what it was made from stays out."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    return {
        cell["id"]: [
            {kind: value for kind, value in output.get("data", {}).items() if kind.endswith("+json")}
            for output in cell["outputs"]
            if output.get("name") != "stderr"
        ]
        for cell in cells
        if cell["cell_type"] == "code" and cell["id"] not in ("parameters", "provenance")
    }


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


def test_a_new_client_is_filled_in_checked_and_reported(tmp_path):
    assert cjtools("new", "acme", cwd=tmp_path).returncode == 0
    folder = tmp_path / "data" / "acme"
    before = cjtools("check", "data/acme", cwd=tmp_path)
    assert before.returncode == 0
    assert "no file was read; name your files as [[sources]] in client.toml" in before.stdout
    (folder / "interviews" / "P01.md").write_text(NOTE, encoding="utf-8")
    text = (folder / "client.toml").read_text("utf-8")
    source = '# [[sources]]\n# id = "interviews"\n# path = "interviews/*.md"\n# format = "interview_notes"\n'
    assert source in text
    (folder / "client.toml").write_text(text.replace(source, source.replace("# ", "")), encoding="utf-8")
    after = cjtools("check", "data/acme", cwd=tmp_path)
    assert (after.returncode, "interviews/P01.md" in after.stdout) == (0, True)
    done = cjtools("report", "data/acme", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    page = (tmp_path / "reports" / "acme" / "wave-1" / "journey_map.html").read_text("utf-8")
    assert "I could not see the delivery cost." in page


def test_every_commented_source_of_the_new_client_names_what_there_is(tmp_path):
    import re
    import tomllib

    from cjtools.client import parse_settings

    text = (ROOT / "cjtools" / "commands" / "new_client.toml").read_text("utf-8").replace("<client>", "acme")
    opened = re.sub(r"^# (?=(\[|[a-z_]+ = ))", "", text, flags=re.MULTILINE)
    settings, faults = parse_settings(tomllib.loads(opened))
    assert faults == []
    assert len(settings.sources) == 8


@pytest.mark.parametrize("name", ["Acme", "con", "a b", "../x/.."])
def test_a_new_client_needs_a_name_that_can_be_a_folder(tmp_path, name):
    done = cjtools("new", name, cwd=tmp_path)
    assert (done.returncode, list(tmp_path.iterdir())) == (1, [])
    assert "cannot be a client's short name" in done.stderr


def test_a_client_is_never_written_over(tmp_path):
    cjtools("new", "acme", cwd=tmp_path)
    done = cjtools("new", "acme", cwd=tmp_path)
    assert (done.returncode, "there is a client here already" in done.stderr) == (1, True)


def faulty(folder: Path) -> None:
    """Three faults in two files and client.toml is fine."""
    text = (folder / "client.toml").read_text("utf-8")
    text += '\n[[sources]]\nid = "i"\npath = "*.md"\nformat = "interview_notes"\n'
    text += '\n[[sources]]\nid = "m"\npath = "m.csv"\nformat = "table"\nkind = "mentions"\ndate_format = "%Y-%m-%d"\n'
    text += '[sources.mapping]\nmention_id = "id"\nsaid_at = "date"\ntext = "text"\nauthor = "author"\n'
    (folder / "client.toml").write_text(text, encoding="utf-8")
    (folder / "P01.md").write_text(NOTE.replace("@website pain", "@webste pain"), encoding="utf-8")
    (folder / "m.csv").write_text(
        "id,date,text,author\n1,2026-07-01,a,b\n2,soon,a,b\n3,2026-99-01,a,b\n", encoding="utf-8"
    )


def test_check_lists_the_faults_of_every_file_and_exits_with_one(folder):
    faulty(folder)
    done = cjtools("check", str(folder))
    assert done.returncode == 1
    assert "3 faults:" in done.stdout
    for part in ("P01.md line 11", "'@webste'", "did you mean 'website'?", "m.csv line 3", "m.csv line 4", "'soon'"):
        assert part in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


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


def test_one_broken_client_does_not_stop_the_others(tmp_path):
    for name in ("good", "bad"):
        cjtools("new", name, cwd=tmp_path)
    broken = tmp_path / "data" / "bad" / "client.toml"
    broken.write_text(
        broken.read_text("utf-8").replace('environment = "online"', 'environment = "onlin"'), encoding="utf-8"
    )
    done = cjtools("report", "--all", "--jobs", "2", cwd=tmp_path)
    assert done.returncode == 3
    assert done.stdout.strip() == "reports/good/wave-1/journey_map.html"
    assert "'onlin' is not known here; did you mean 'online'?" in done.stderr


def test_a_client_over_real_files_runs_to_the_end(tmp_path):
    if not (SHARED / "samples").is_dir():
        pytest.skip("the real samples (../shared/samples) are not here")
    done = cjtools("report", "tests/clients/real", "--out", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    page = tmp_path / "real" / "all" / "journey_map.html"
    assert page.stat().st_size < 3_000_000
    text = page.read_text("utf-8")
    assert "6,785" in text
    assert "Stacoviak" not in text


def test_check_tells_periods_coverage_joins_and_what_was_left_out(tmp_path):
    command = [sys.executable, "-m", "cjtools", "check", "data/example", "--rejected", str(tmp_path / "left.csv")]
    environment = {**os.environ, "COLUMNS": "120"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", timeout=180)
    assert (done.returncode, done.stderr) == (0, "")
    for part in (
        "rows in 33,801 = used 33,731 + rejected 0 + merged 70",
        "2026-07-01 – 2026-09-30 92 of 92 ████████████████████████████████████████",
        "11 gaps; longest 2 days",
        "Behaviour, totals 792 missing",
        "no source of: customer service",
        "Orders that say who bought 85.4% 963 of 1,127 Orders with a customer or card number",
        "web/events.parquet merged same event as before 60 170, 886,",
        "0 faults",
    ):
        assert part in " ".join(done.stdout.split())
    rows = (tmp_path / "left.csv").read_text("utf-8-sig").splitlines()
    assert rows[0] == "source,file,row,fate,reason,meaning"
    assert rows[1].endswith('merged,same_author_text_day,"same author, text and day as before"')
    assert len(rows) == 1 + 70


@pytest.mark.parametrize("columns", ["50", "80", "200"])
def test_what_check_says_fits_the_terminal_and_nothing_is_cut_off(columns):
    command = [sys.executable, "-m", "cjtools", "check", "data/example"]
    environment = {**os.environ, "COLUMNS": columns}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", timeout=180)
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= int(columns)
    joined = "".join(done.stdout.split())
    for part in ("search/search_console.zip/Dispositivos.csv", "web/events.parquet", "31,375", "Eventsofrobots"):
        assert part in joined


def test_a_broken_client_is_named_before_polars_is_loaded(folder):
    (folder / "client.toml").write_text("[client]\nid = 7\n", encoding="utf-8")
    code = (
        "import sys; from cjtools.__main__ import check_client, export_client; from cjtools.errors import ClientError\n"
        "for run in (lambda: check_client(sys.argv[1]), lambda: export_client(sys.argv[1], form='ocel', case='profile',"
        " wave='', out=None, key=None, also=[])):\n"
        "    try: run()\n"
        "    except ClientError: print('polars' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, timeout=60, cwd=ROOT
    )
    assert (done.stdout, done.stderr) == ("False\nFalse\n", "")


def test_the_list_of_rows_left_out_is_never_written_over_a_source(folder):
    faulty(folder)
    before = (folder / "m.csv").read_bytes()
    done = cjtools("check", str(folder), "--rejected", str(folder / "m.csv"))
    assert (done.returncode, "nothing is written over a source" in done.stderr) == (1, True)
    assert (folder / "m.csv").read_bytes() == before


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


def test_the_notebook_of_the_sources_is_made_by_the_command_and_by_papermill(tmp_path):
    done = cjtools("report", "data/example", "--notebook", "sources", "--out", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip().endswith("example/2026-Q3/sources.html")
    command = [
        sys.executable,
        "-m",
        "papermill",
        "-k",
        "python3",
        "notebooks/sources.ipynb",
        str(tmp_path / "out.ipynb"),
    ]
    subprocess.run([*command, "-p", "client", "data/example"], cwd=ROOT, check=True, capture_output=True, timeout=180)
    by_command = sections(tmp_path / "example" / "2026-Q3" / "sources.ipynb")
    by_papermill = sections(tmp_path / "out.ipynb")
    shown = by_papermill.keys() & by_command.keys()
    assert {name: by_papermill[name] for name in shown} == {name: by_command[name] for name in shown}
    assert {"inventory", "sources", "calendar", "coverage", "matches", "left-out"} <= shown


def test_a_notebook_that_does_not_ship_is_named(tmp_path):
    done = cjtools("report", "data/example", "--notebook", "source", "--out", str(tmp_path / "out"))
    assert (done.returncode, "did you mean 'sources'?" in done.stderr) == (1, True)
