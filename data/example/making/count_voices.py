"""What is true of posts, reviews and the survey, counted the plain way from the written files."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Table = dict[str, Any]
MOODS = ("positive", "neutral", "negative")


@dataclass(frozen=True)
class Post:
    """One post or review."""

    source: str
    author: str
    text: str
    day: str
    language: str
    mood: str
    share: bool
    reach: int


def read_rows(file: Path) -> list[dict[str, str]]:
    """Read a CSV file as text."""
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def read_posts(folder: Path) -> list[Post]:
    """Read mentions and reviews; 4 or 5 stars are positive, 3 neutral."""
    posts = [
        Post(
            source="mentions",
            author=row["Author"],
            text=row["Full Text"],
            day=row["Date"][:10],
            language=row["Language"],
            mood=row["Sentiment"],
            share=row["Thread Entry Type"] == "share",
            reach=int(row["Reach"]),
        )
        for row in read_rows(folder / "mentions.csv")
    ]
    for row in read_rows(folder / "reviews.csv"):
        stars = int(row["stars"])
        mood = "positive" if stars > 3 else "negative" if stars < 3 else "neutral"
        posts.append(Post("reviews", row["author"], row["text"], row["date"], row["language"], mood, False, 0))
    return posts


def voices(posts: list[Post]) -> list[Post]:
    """Return one post for each author, text and day, without shares."""
    return list({(post.author, post.text, post.day): post for post in posts if not post.share}.values())


def plain(text: str) -> str:
    """Return a text without case and accents."""
    return "".join(mark for mark in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(mark))


def speaks_of(text: str, terms: list[str], *, whole: bool = True) -> bool:
    """Tell whether a text holds one of the terms, as whole words or at the start of a word."""
    ending = r"(?!\w)" if whole else ""
    found = "|".join(re.escape(plain(term)) for term in terms)
    return re.search(rf"(?<!\w)(?:{found}){ending}", plain(text)) is not None


def counts(posts: list[Post], touchpoints: list[Table]) -> Table:
    """Return the counts of everything said in public."""
    said = voices(posts)
    return {
        "all": {
            "rows": len(posts),
            "shares": sum(post.share for post in posts),
            "duplicates": sum(not post.share for post in posts) - len(said),
            "voices": len(said),
        },
        "rows_by_source": dict(sorted(Counter(post.source for post in posts).items())),
        "rows_by_language": dict(sorted(Counter(post.language for post in posts).items())),
        "voices_by_language": dict(sorted(Counter(post.language for post in said).items())),
        "touchpoint": {
            touchpoint["id"]: of_touchpoint(posts, touchpoint["terms"])
            for touchpoint in touchpoints
            if "terms" in touchpoint
        },
    }


def of_touchpoint(posts: list[Post], terms: list[str]) -> Table:
    """Return the moods of the voices on a touchpoint, and how far shares carried them."""
    spoken = [post for post in posts if speaks_of(post.text, terms)]
    said = voices(spoken)
    return {
        "voices": len(said),
        **{mood: sum(post.mood == mood for post in said) for mood in MOODS},
        "shares": sum(post.share for post in spoken),
        "reach_of_shares": sum(post.reach for post in spoken if post.share),
        "by_language": dict(sorted(Counter(post.language for post in said).items())),
        "by_source": dict(sorted(Counter(post.source for post in said).items())),
    }


def survey(rows: list[dict[str, str]], terms: list[str]) -> Table:
    """Return NPS and effort, and what those who speak of the checkout answered."""
    speaking = [row for row in rows if speaks_of(row["What should we change?"], terms)]
    silent = [row for row in rows if row not in speaking]
    comments = sum(bool(row["What should we change?"]) for row in rows)
    return {
        "answers": len(rows),
        "comments": comments,
        "checkout_comments": len(speaking),
        "nps": nps(rows),
        "nps_of_checkout_comments": nps(speaking),
        "ces": ces(rows),
        "ces_of_checkout_comments": ces(speaking),
        "ces_of_the_others": ces(silent),
    }


def nps(rows: list[dict[str, str]]) -> Table:
    """Return the net promoter score (per hundred) with what it is made of."""
    scores = [int(row["How likely are you to recommend us to a friend?"]) for row in rows]
    promoters, detractors = sum(score >= 9 for score in scores), sum(score <= 6 for score in scores)
    return {
        "promoters": promoters,
        "passives": len(scores) - promoters - detractors,
        "detractors": detractors,
        "n": len(scores),
        "score": round(100 * (promoters - detractors) / len(scores), 4),
    }


def ces(rows: list[dict[str, str]]) -> Table:
    """Return the mean ease (1 to 7) of those who answered."""
    column = "The shop made it easy for me to finish my order."
    scores = [int(row[column]) for row in rows if row[column]]
    return {"n": len(scores), "sum": sum(scores), "mean": round(sum(scores) / len(scores), 6)}
