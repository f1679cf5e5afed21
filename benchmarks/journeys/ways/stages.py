"""The forty stage rules as polars expressions."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import polars as pl

RULES = tomllib.loads(Path(__file__).resolve().parent.with_name("rules.toml").read_text("utf-8"))
STAGES = tuple(sorted(RULES["stages"]))


def fits(rule: dict[str, str]) -> pl.Expr:
    """Return whether a rule fits."""
    if "event" in rule:
        return pl.col("event") == rule["event"]
    page = pl.col("page")
    if "page" in rule:
        return page == rule["page"]
    return page.str.starts_with(rule["prefix"]) if "prefix" in rule else page.str.contains(rule["regex"])


def stage() -> pl.Expr:
    """Return the stage of the first rule that fits, or null."""
    return pl.coalesce(pl.when(fits(rule)).then(pl.lit(rule["stage"])) for rule in RULES["rules"])


def stage_of(event: str, page: str | None) -> str | None:
    """Return the stage of one event: the rules without polars, for tests."""
    for rule in RULES["rules"]:
        if "event" in rule:
            hit = rule["event"] == event
        elif page is None:
            hit = False
        elif "page" in rule:
            hit = rule["page"] == page
        else:
            hit = page.startswith(rule["prefix"]) if "prefix" in rule else re.search(rule["regex"], page) is not None
        if hit:
            return rule["stage"]
    return None
