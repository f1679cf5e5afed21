"""The pictures on the real page, network off: drawn by day and night, wide and narrow, and no text over another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chart_frames import FRAMES, with_names
from report_fixture import code_cell

from cjtools.charts import CHARTS
from cjtools.report.export import CHART_MIMES, to_page
from cjtools.words import load_words

pytest.importorskip("playwright", reason="playwright is not installed: pip install 'cjtools[test]'")
from playwright.sync_api import Page, sync_playwright

NAMES = [name for name, picture in CHARTS.items() if picture.frame in FRAMES]
LONG = "Recollida a la botiga del barri de Gràcia amb cita prèvia de dilluns a divendres"
VIEWS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}},
    "phone, long names": {"viewport": {"width": 390, "height": 844}},
    "desktop, long names": {"viewport": {"width": 1280, "height": 900}},
    "night": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
}
DRAWN = "[...document.querySelectorAll('figure.chart')].every((figure) => figure.dataset.drawn === 'true')"
# Pairs of texts of a picture of which one covers more than a quarter of the smaller one, and texts beyond its edge.
COVERED = """(name) => {
  const svg = document.querySelector(`#${name} .live svg`), edge = svg.getBoundingClientRect(), found = [];
  const seen = (text) => text.textContent.trim() && getComputedStyle(text).opacity !== "0";
  const turned = (text) => (text.getAttribute("transform").match(/rotate.(-?[0-9.]+)/) || [0, "0"])[1];
  const slanted = (text) => !["0", "-90"].includes(turned(text));
  const texts = [...svg.querySelectorAll("text")].filter(seen);
  const boxes = texts.map((text) => [text.textContent, text.getBoundingClientRect(), slanted(text)]);
  for (const [text, box] of boxes) {
    if (box.right > edge.right + 2 || box.left < edge.left - 2) found.push(["beyond", text]);
  }
  boxes.forEach(([one, a, slant], place) => {
    for (const [other, b, also] of boxes.slice(place + 1)) {
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      const small = Math.min(a.width * a.height, b.width * b.height);
      // The boxes of two names slanted alike cross each other, the names do not.
      if (wide > 0 && high > 0 && wide * high > 0.25 * small && !(slant && also)) found.push([one, other]);
    }
  });
  return found;
}"""


@pytest.fixture(scope="module", params=VIEWS)
def shown(request: Any, chromium: str, tmp_path_factory: Any) -> Iterator[tuple[str, Page, list[str]]]:
    """A page with every picture in one view, when all are drawn, and what it said and asked for."""
    words = load_words("ca")
    called = (lambda rows: with_names(rows, LONG)) if "long" in request.param else (lambda rows: rows)
    specs = [CHARTS[name].draw(called(FRAMES[CHARTS[name].frame]), words=words).to_dict() for name in NAMES]
    cells = [code_cell("x", {CHART_MIMES[0]: spec, "text/plain": "a chart"}) for spec in specs]
    file: Path = tmp_path_factory.mktemp("pictures") / "page.html"
    file.write_text(to_page({"cells": cells, "metadata": {}}, language="ca"), encoding="utf-8")
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--headless", "--disable-gpu"]
        )
        context = browser.new_context(**VIEWS[request.param])
        context.set_offline(True)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(file.as_uri())
        page.wait_for_function(DRAWN, timeout=60_000)
        yield request.param, page, said
        browser.close()


def test_every_picture_is_drawn_without_a_word_of_complaint(shown):
    _, page, said = shown
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("name", NAMES)
def test_no_text_of_a_picture_lies_over_another(shown, name):
    _, page, _ = shown
    assert page.evaluate(COVERED, name) == []
