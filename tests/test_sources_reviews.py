"""Reviews: stars, translations, answers of the shop, versions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from fixtures.make_client import faults_of, make_client
from fixtures.social import REVIEWS, client, flags, needs_samples, read, zipped

import cjtools as cj


def review(number: int, **more: Any) -> dict[str, Any]:
    return {"reviewId": str(number), "reviewer": {"displayName": "Anna"}, "starRating": "FOUR",
            "createTime": "2026-05-01T10:00:00Z", "comment": "Molt bo", **more}  # fmt: skip


def test_stars_are_numbers_and_the_original_words_stay(tmp_path: Path) -> None:
    value = {
        "reviews": [
            review(1, starRating="ONE", comment="Mau\n\n(Translated by Google)\nBad"),
            review(5, comment="(Translated by Google) Lovely\n\n(Original)\nPreciós"),
            review(2, starRating="STAR_RATING_UNSPECIFIED"),
            review(3, comment="(Translated by Google) cut off"),
            review(4, reviewReply={"comment": "Gràcies"}, reviewer={"displayName": "A Google user"}),
        ]
    }
    tables = read(tmp_path, "detect", value)
    quotes = tables.quotes
    assert quotes["text"].to_list() == ["Mau", "Preciós", "Molt bo", "(Translated by Google) cut off", "Molt bo"]
    assert quotes["rating"].to_list() == [0.0, 0.75, None, 0.75, 0.75]
    assert quotes["author_hash"].null_count() == 1
    assert flags(tables) == ["translation_left_out:2"]
    assert tables.sources["family"].to_list() == ["review"]


def test_reviews_of_several_places_and_of_takeout_are_read(tmp_path: Path) -> None:
    batch = {"locationReviews": [{"name": "accounts/1/locations/2", "review": review(1)}]}
    assert read(tmp_path, "detect", batch).quotes.height == 1
    data = zipped(**{"Takeout___Google Business Profile___reviews-2__json": json.dumps({"reviews": [review(1)]})})
    assert read(tmp_path, "detect", data, name="takeout.zip").quotes.height == 1


def test_a_star_that_is_none_is_a_fault(tmp_path: Path) -> None:
    (told,) = faults_of(client(tmp_path, "google_business", {"reviews": [review(1, starRating="SIX")]}))
    assert told.startswith("posts.json record 1, column 'rating': 'SIX' is not a number")


@needs_samples
def test_real_stars_without_words_are_reviews(tmp_path: Path) -> None:
    toml = """
[[sources]]
id = "s"
path = "posts.csv"
format = "table"
kind = "reviews"
timezone = "UTC"
rating_scale = [0, 5]
[sources.mapping]
author = "reviewerId"
said_at = "date"
rating = "rating"
"""
    data = (REVIEWS / "anonymous_star_reviews" / "anonreviews_2006_part.csv").read_bytes()
    tables = cj.read_sources(make_client(tmp_path, toml, posts__csv=data))
    assert tables.sources.select("rows_in", "rows_used", "rows_merged").rows() == [(60000, 59870, 130)]
    stars = pl.read_csv(data).unique(maintain_order=True)["rating"] / 5
    assert tables.quotes["rating"].sum() == pytest.approx(stars.sum())
