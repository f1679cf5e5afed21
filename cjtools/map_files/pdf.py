"""A page as PDF, printed by a browser that is on the machine; no other program lays out the page as it was made."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from cjtools.errors import Fault, ReportError

VARIABLE = "CJTOOLS_CHROMIUM"
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
SECONDS = 180
# The day in a PDF is the clock's; the same page gives the same bytes when it is always the same day.
DAY = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)\d{14}")
FIXED = rb"\g<1>19800101000000"


def find_browser() -> str:
    """Return the browser that prints: what CJTOOLS_CHROMIUM names, else Chromium, Chrome or Edge on the path.

    Raises ReportError that says how to get one.
    """
    named = os.environ.get(VARIABLE)
    found = (
        named
        if named and shutil.which(named)
        else None
        if named
        else next(filter(None, map(shutil.which, BROWSERS)), None)
    )
    if found is None:
        fault = Fault(
            VARIABLE if named else "the browser",
            f"{named!r} is no program" if named else "no Chromium, Chrome or Edge on this machine",
            "a browser that can print",
            f"install one, or set {VARIABLE} to its path; or open the page and print it yourself",
        )
        raise ReportError("the PDF", [fault])
    return found


def print_page(page: Path) -> bytes:
    """Return a page of the kit as PDF, tagged, with its language and outline; nothing is loaded from anywhere.

    Raises ReportError when there is no browser, or when it does not print.
    """
    browser = find_browser()
    with tempfile.TemporaryDirectory(prefix="cjtools-") as folder:
        out = Path(folder) / "page.pdf"
        command = [
            *(browser, "--headless", "--disable-gpu", "--no-sandbox", "--no-first-run", "--disable-extensions"),
            *(f"--user-data-dir={folder}/profile", "--no-pdf-header-footer", "--generate-pdf-document-outline"),
            *("--export-tagged-pdf", "--virtual-time-budget=10000", f"--print-to-pdf={out}", page.resolve().as_uri()),
        ]
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
            told = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        except (OSError, subprocess.TimeoutExpired) as error:
            told = [type(error).__name__]
        if not out.is_file():
            fault = Fault(
                Path(browser).name, f"printed nothing: {' '.join(told)[:200]}", "", "open the page and print it"
            )
            raise ReportError("the PDF", [fault])
        return DAY.sub(FIXED, out.read_bytes())
