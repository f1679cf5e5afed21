"""The command line as a consultant uses it: new, check, the reports of several clients and of real files."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from conftest import ROOT, SHARED
from fixtures.run_command import NOTE, cjtools, faulty

from cjtools.commands.check import check_client


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


def test_check_lists_the_faults_of_every_file_and_exits_with_one(folder):
    faulty(folder)
    done = cjtools("check", str(folder))
    assert (done.returncode, done.stderr) == (1, "")
    assert "3 faults:" in done.stdout
    for part in ("P01.md line 11", "'@webste'", "did you mean 'website'?", "m.csv line 3", "m.csv line 4", "'soon'"):
        assert part in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


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


def test_of_two_clients_with_one_id_none_is_written_over_the_other(tmp_path):
    for name in ("acme", "copied"):
        cjtools("new", name, cwd=tmp_path)
    copied = tmp_path / "data" / "copied" / "client.toml"
    copied.write_text(copied.read_text("utf-8").replace('id = "copied"', 'id = "acme"'), encoding="utf-8")
    done = cjtools("report", "--all", cwd=tmp_path)
    assert (done.returncode, done.stdout, list(tmp_path.glob("reports/*"))) == (1, "", [])
    assert (
        "data/acme/client.toml cannot be used: 1 fault\n"
        "  client.id: 'acme' is the id of data/copied too; an id of its own; both would write the same report"
    ) in done.stderr


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
        "rows in 33,841 = used 33,771 + rejected 0 + merged 70",
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


@pytest.mark.parametrize("columns", ["50", "200"])
def test_what_check_says_fits_the_terminal_and_nothing_is_cut_off(columns):
    command = [sys.executable, "-m", "cjtools", "check", "data/example"]
    environment = {**os.environ, "COLUMNS": columns}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", timeout=180)
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= int(columns)
    joined = "".join(done.stdout.split())
    for part in ("search/search_console.zip/Dispositivos.csv", "web/events.parquet", "31,375", "Eventsofrobots"):
        assert part in joined


def test_check_lists_the_files_that_are_not_read(folder):
    (folder / "forgotten.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (folder / "~$forgotten.xlsx").write_bytes(b"")
    text, faults = check_client(folder)
    assert faults == []
    assert "in the folder, but named by no source: forgotten.csv\n" in text
    assert "locks and leftovers of programs, never read: ~$forgotten.xlsx\n" in text


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
