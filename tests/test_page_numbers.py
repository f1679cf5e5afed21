"""A hundred numbers of the rendered page, drawn by chance, agree to the printed digit with a count of its own."""

from __future__ import annotations

import html
import random
import re

import pytest
from recount_example import recount
from report_fixture import notebook_of

import cjtools as cj
from cjtools.report.export import to_page

SEED, SAMPLE = 20261124, 100
NUMBER = r"([+−]?\d[\d,]*(?:\.\d+)?)"
PERSONAS = ("comparer", "toucher", "collector")
PATTERNS = {
    "ROPO: research online, buy in the shop": "ropo",
    "Click & Collect": "click_collect",
    "Try & Buy": "try_buy",
    "Repeat buyers": "repeat_buyers",
    "Back by another route": "repeat_other_route",
}


def plain(page: str) -> str:
    """Return the text of a piece of HTML."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.fixture(scope="module")
def page(example, findings) -> str:
    journey = cj.map_journey(example, findings=findings, audience="team", language="en")
    return to_page(notebook_of(journey), language="en", audience="team")


@pytest.fixture(scope="module")
def printed(page, example) -> dict[str, str]:
    """The numbers of the page as they are printed, by what they are of."""
    return {**crosscheck_numbers(page), **table_numbers(page), **matrix_numbers(page, example)}


def take(found: dict[str, str], text: str, pattern: str, *keys: str) -> None:
    """Take the numbers of a text that is written like the pattern."""
    match = re.search(pattern.replace("#", NUMBER), text)
    if match:
        found.update(zip(keys, match.groups(), strict=True))


def crosscheck_numbers(page: str) -> dict[str, str]:
    """What each verdict rests on."""
    found: dict[str, str] = {}
    for name, row in re.findall(r'<tr id="x-(\w+)">(.*?)</tr>', page, re.DOTALL):
        text, exit_of = plain(row), f"exit.{name}"
        take(
            found,
            text,
            "Exit rate #% \\(#–#%\\) # sessions",
            *(f"{exit_of}.{key}" for key in ("share", "low", "high", "of")),
        )
        take(found, text, "Site baseline #%", "exit.baseline.share")
        take(found, text, "Pain: # of # participants", f"pain.{name}", "asked")
        take(found, text, "Goal met: # of", f"goal.{name}")
        take(found, text, "Speak of it: # of", f"heard.{name}")
        take(found, text, "net sentiment #", f"net.{name}")
        take(found, text, "# voices · net", f"voices.{name}")
    return found


def table_numbers(page: str) -> dict[str, str]:
    """Patterns and surveys."""
    found: dict[str, str] = {}
    for row in re.findall(r"<tr\b.*?</tr>", page, re.DOTALL):
        text = plain(row)
        for label, name in PATTERNS.items():
            keys = [f"pattern.{name}.{key}" for key in ("n", "of", "share", "low", "high")]
            take(found, text, f"^{re.escape(label)} # of # \\w+ #% #–#%", *keys)
        take(found, text, "CES scale 1 to 7 # .* # survey responses", "ces", "ces.n")
        take(found, text, "NPS scale 0 to 10 # .* # survey responses", "nps", "nps.n")
    return found


def matrix_numbers(page: str, client: cj.Client) -> dict[str, str]:
    """The curve by stage and persona, exits with their counts, payments, e-mail."""
    found: dict[str, str] = {}
    table = page[page.index('<table class="matrix"') :].split("</table>")[0]
    lanes = {name: re.findall(r"<td.*?</td>", row, re.DOTALL) for name, row in
             re.findall(r'<tr class="lane lane-(\w+)">(.*?)</tr>', table, re.DOTALL)}  # fmt: skip
    for stage, cell in zip(client.journey, lanes["experience"], strict=True):
        text, key = plain(cell), f"score.{stage.id}"
        take(found, text, "^\\S+ # .*? · # participants", f"{key}.all", f"{key}.all.n")
        for persona in PERSONAS:
            take(found, text, f"The {persona} # \\S+ n = #", f"{key}.{persona}", f"{key}.{persona}.n")
    figures = [plain(each) for cell in lanes["behaviour"] for each in re.findall(r"<li>.*?</li>", cell, re.DOTALL)]
    labels = {each.label["en"]: each.id for each in client.touchpoints}
    for text in figures:
        for label, name in labels.items():
            take(
                found,
                text,
                f"^{label} · Exit rate #% .* · # of #",
                *(f"exit.{name}.{key}" for key in ("share", "n", "of")),
            )
        take(found, text, "^Payment · card #% # of #", *(f"payment.card.{key}" for key in ("share", "n", "of")))
        take(found, text, "^Payment · cash #% # of #", *(f"payment.cash.{key}" for key in ("share", "n", "of")))
        take(found, text, "^Payment · Bizum #% # of #", *(f"payment.bizum.{key}" for key in ("share", "n", "of")))
        for name in ("Sent", "Opened", "Clicked", "Unsubscribed"):
            take(found, text, f"^E-mail · {name} #", f"mail.{name}")
    return found


def agrees(shown: str, counted: float) -> bool:
    """Say whether a printed number is the counted one, rounded to the digits that are printed."""
    digits = len(shown.partition(".")[2])
    return abs(float(shown.replace(",", "").replace("−", "-")) - counted) <= 0.5 * 10**-digits + 1e-9


def test_a_hundred_numbers_of_the_page_are_what_was_counted(printed):
    counted = recount()
    known = sorted(printed.keys() & counted.keys())
    assert len(known) >= SAMPLE, sorted(printed.keys() - counted.keys())
    drawn = sorted(random.Random(SEED).sample(known, SAMPLE))
    wrong = {name: (printed[name], counted[name]) for name in drawn if not agrees(printed[name], counted[name])}
    assert wrong == {}


def test_the_sample_is_of_every_kind_of_number(printed):
    kinds = {name.split(".")[0] for name in printed.keys() & recount().keys()}
    assert {
        "exit",
        "pattern",
        "payment",
        "score",
        "pain",
        "goal",
        "heard",
        "nps",
        "ces",
        "mail",
        "net",
        "voices",
    } <= kinds


@pytest.mark.parametrize("kind", ["share", "low", "n"])
def test_a_number_that_is_off_by_a_digit_is_seen(kind, printed):
    counted = recount()
    name = f"exit.checkout.{kind}"
    assert agrees(printed[name], counted[name])
    assert not agrees(printed[name], counted[name] + 1)
