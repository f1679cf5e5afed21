"""What several tests need: where the real samples are, the example client read once, a small client by hand."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import cjtools as cj

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "data" / "example"
SHARED = Path(os.environ.get("CJTOOLS_SHARED", ROOT.parent / "shared"))

MINIMAL = """
[client]
id = "acme"
name = "Acme"
timezone = "Europe/Madrid"

[wave]
id = "w1"
from = 2026-07-01
to = 2026-09-30

[stages]
model = "six"

[[personas]]
id = "online"
name = { en = "Online", ca = "En línia" }
rule = { buys = "online" }

[[touchpoints]]
id = "website"
label = { en = "Website", ca = "Web" }
environment = "online"
stages = ["consideration"]
pages = ["/p/*", "/"]
terms = ["website", "web"]

[[touchpoints]]
id = "checkout"
label = { en = "Checkout", ca = "Finalització de compra" }
environment = "online"
stages = ["decision"]
pages = ["/checkout/*"]
terms = ["checkout", "deliver*"]
"""


@pytest.fixture(scope="session", autouse=True)
def work_from_the_root() -> None:
    """Run everything from the project's folder, as the README does."""
    os.chdir(ROOT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A client's folder with a small client.toml and no sources."""
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "client.toml").write_text(MINIMAL, encoding="utf-8")
    return tmp_path / "acme"


@pytest.fixture
def client(folder: Path) -> cj.Client:
    """The small client, loaded."""
    return cj.load_client(folder)


@pytest.fixture(scope="session")
def example() -> cj.Client:
    """The example client, loaded once."""
    return cj.load_client(EXAMPLE)


@pytest.fixture(scope="session")
def findings(example: cj.Client) -> cj.Findings:
    """The example client, read once."""
    return cj.gather_evidence(cj.read_sources(example), client=example, wave=example.wave)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser of the machine; the tests of pages need a real one."""
    path = os.environ.get("CJTOOLS_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine: set CJTOOLS_CHROMIUM or install one")
    return path
