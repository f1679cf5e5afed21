"""What stands against the stages: touchpoints by experience, themes by people; counted again in plain Python."""

from __future__ import annotations

from collections import defaultdict
from statistics import fmean

import polars as pl
import pytest
from claiming import evidence_of, item

import cjtools as cj
from cjtools.lanes.crossing import cross_touchpoints
from cjtools.lanes.labels import label_client
from cjtools.study.crossing import cross_themes
from cjtools.tables import Coding, Quote, Tables, shape_of
from cjtools.words import load_words


def cross(client: cj.Client, *items: dict, minimum: int = 3) -> pl.DataFrame:
    labels = label_client(client, words=load_words("en"))
    return cross_touchpoints(evidence_of(*items), client=client, labels=labels, minimum=minimum)


def said(name: str, person: str, valence: float | None, touchpoint: str = "website", stage: str = "decision") -> dict:
    return item(name, person=person, valence=valence, touchpoint=touchpoint, stage=stage)


def test_a_touchpoint_is_scored_by_people_at_each_stage_and_belongs_where_client_toml_says(client):
    rows = [said("a", "P1", -2), said("b", "P1", 0), said("c", "P2", -1), said("d", "P3", 1), said("e", "P4", None)]
    found = cross(client, *rows, said("f", "P1", 2, "checkout"))
    assert found.height == 2 * 6
    web, checkout = (found.filter(touchpoint=name, stage="decision").to_dicts()[0] for name in ("website", "checkout"))
    assert (web["value"], web["n"], web["shown"], web["bound"]) == (pytest.approx(-1 / 3), 3, True, False)
    assert web["low"] <= web["value"] <= web["high"]
    # One participant is no score, and nobody at all is another thing.
    assert (checkout["value"], checkout["n"], checkout["shown"], checkout["bound"]) == (None, 1, False, True)
    assert found.filter(touchpoint="checkout", stage="purchase")["n"].item() == 0


def test_the_grid_of_the_example_is_what_plain_python_counts(example, findings):
    interviews = findings.evidence.filter(pl.col("family") == "interview")
    labels = label_client(example, words=load_words("ca"))
    found = cross_touchpoints(interviews, client=example, labels=labels, minimum=3)
    people: dict[tuple, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in interviews.iter_rows(named=True):
        if None not in (row["touchpoint"], row["stage"], row["valence"]):
            people[row["touchpoint"], row["stage"]][row["person"]].append(row["valence"])
    for row in found.iter_rows(named=True):
        means = [fmean(given) for given in people[row["touchpoint"], row["stage"]].values()]
        assert row["n"] == len(means)
        assert row["value"] == (pytest.approx(fmean(means)) if len(means) >= 3 else None)
    assert found.filter(touchpoint="checkout", stage="decision")["value"].item() < -1


def theme_tables(*rows: tuple[str, str, str]) -> Tables:
    """Quotes of an author each at a stage: quote, author, stage."""
    quotes = [
        {"quote_id": name, "doc_id": name, "kind": "mention", "text": "x", "verbatim": True, "author_hash": author,
         "time_precision": "day", "consent_to_quote": False, "source_id": "m", "source_file": "m.csv",
         "source_row": place}
        for place, (name, author, _) in enumerate(rows)
    ]  # fmt: skip
    codes = [
        {"quote_id": name, "kind": "stage", "code": stage, "coder": "c", "method": "person", "accepted": True}
        for name, _, stage in rows
    ]
    return Tables(
        quotes=Quote.validate(pl.DataFrame(quotes, schema=shape_of(Quote)), cast=True),
        codings=Coding.validate(pl.DataFrame(codes, schema=shape_of(Coding)), cast=True),
    )


@pytest.mark.parametrize(("least", "purchase"), [(1, (1, 1)), (2, (0, 0))])
def test_a_theme_counts_distinct_people_at_each_stage_and_not_a_few_for_outsiders(client, least, purchase):
    tables = theme_tables(("q1", "a", "decision"), ("q2", "a", "decision"), ("q3", "b", "decision"),
                          ("q4", "b", "purchase"), ("q5", "c", "decision"))  # fmt: skip
    found = pl.DataFrame({"quote_id": ["q1", "q2", "q3", "q4", "q5"], "theme": ["t", "t", "t", "t", None]})
    themes = pl.DataFrame({"theme": ["t"], "label": ["Fees"]})
    stages = {"decision": "Decision", "purchase": "Purchase"}
    rows = cross_themes(found, themes, tables, client=client, stages=stages, least=least)
    assert rows.select("label", "stage_label", "people", "texts").rows() == [
        ("Fees", "Decision", 2, 3),
        ("Fees", "Purchase", *purchase),
    ]
