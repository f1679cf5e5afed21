"""What people say in public and in the survey: posts, reviews and answers from the phrase bank."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from making.wave import DAYS, FIRST_DAY, LANGUAGES, moment

Phrases = dict[str, Any]

MENTION_COLUMNS = (
    "Resource Id",
    "Date",
    "Full Text",
    "Author",
    "Language",
    "Page Type",
    "Sentiment",
    "Thread Entry Type",
    "Reach",
)
REVIEW_COLUMNS = ("review_id", "date", "text", "author", "language", "platform", "stars")
SURVEY_COLUMNS = (
    "Response ID",
    "Submit Date",
    "Language",
    "How likely are you to recommend us to a friend?",
    "The shop made it easy for me to finish my order.",
    "What should we change?",
)

MENTIONS, SHARES, MENTION_DOUBLES = 360, 20, 7
REVIEWS, REVIEW_DOUBLES = 240, 3
VOICES = {"ca": 145, "es": 150, "it": 88, "ro": 84, "en": 98}  # 565 drawn texts, and 5 special ones
ANSWERS = {"ca": 52, "es": 48, "it": 26, "ro": 25, "en": 29}
# Of 100 texts of a language, how many speak of what, and how.
TOPICS = {
    ("checkout", "negative"): 14,
    ("checkout", "neutral"): 2,
    ("checkout", "positive"): 2,
    ("store", "positive"): 15,
    ("store", "neutral"): 3,
    ("store", "negative"): 3,
    ("collection", "positive"): 7,
    ("collection", "negative"): 1,
    ("hours", "neutral"): 2,
    ("hours", "positive"): 2,
    ("catalogue", "positive"): 5,
    ("catalogue", "neutral"): 3,
    ("around", "positive"): 5,
    ("around", "neutral"): 2,
    ("general", "neutral"): 9,
    ("general", "negative"): 9,
    ("general", "positive"): 16,
}
STARS = {"positive": (4, 5, 5), "neutral": (3,), "negative": (1, 1, 2)}
PLACES = ("instagram", "instagram", "forum", "forum", "microblog", "video", "tiktok")
PLATFORMS = ("map reviews", "shop reviews", "price comparison")
TYPED_PLAIN = {
    "ca": 0.06,
    "es": 0.08,
    "it": 0.04,
    "ro": 0.2,
    "en": 0.0,
}  # who leaves out the accents


@dataclass(frozen=True)
class Voice:
    """One thing somebody said."""

    text: str
    author: str
    language: str
    mood: str
    at: datetime
    entry: str = "post"


def sentence_case(text: str) -> str:
    """Give a sentence that starts with a filled slot its capital."""
    return re.sub(r"(^|[.?!] )(\w)", lambda found: found[1] + found[2].upper(), text)


def without_accents(text: str) -> str:
    """Return a text as typed by people in a hurry."""
    kept = (mark for mark in unicodedata.normalize("NFD", text) if not unicodedata.combining(mark))
    return unicodedata.normalize("NFC", "".join(kept))


def roughened(rng: Random, text: str, language: str) -> str:
    """Leave a text as people leave it: some without accents, some without capital or full stop."""
    if rng.random() < TYPED_PLAIN[language]:
        text = without_accents(text)
    if rng.random() < 0.07:
        text = (text[0].lower() + text[1:]).rstrip(".")
    return text


def filled(rng: Random, template: str, phrases: Phrases, language: str) -> str:
    """Fill the slots of a template."""
    slots = phrases["slots"] | phrases[language]["slots"]
    return sentence_case(template.format(**{name: rng.choice(slots[name]) for name in ("item", "amount", "town")}))


def new_text(rng: Random, phrases: Phrases, language: str, topic: tuple[str, str], said: set[str]) -> str:
    """Return a text that nobody has said yet."""
    bank, mood = phrases[language], topic[1]
    while True:
        text = filled(rng, rng.choice(bank[topic[0]][mood]), phrases, language) + rng.choice(bank["tails"][mood])
        text = roughened(rng, text, language)
        if text not in said:
            said.add(text)
            return text


def planned(count: int) -> list[tuple[str, str]]:
    """Return the topics of a number of texts, in the shares of the plan."""
    plan = [topic for topic, share in TOPICS.items() for _ in range(round(share * count / 100))]
    return (plan + [("general", "positive")] * count)[:count]


def voices(rng: Random, phrases: Phrases) -> list[Voice]:
    """Return everything drawn from the phrase bank, in random order."""
    said: set[str] = set()
    drawn = []
    for index, language in enumerate(LANGUAGES):
        for topic in planned(VOICES[language]):
            author = f"user_{index * 200 + rng.randrange(1, 130):04}"
            text = new_text(rng, phrases, language, topic, said)
            drawn.append(Voice(text, author, language, topic[1], moment(rng, rng.uniform(0, DAYS - 4))))
    rng.shuffle(drawn)
    return drawn


def shared(rng: Random, posts: list[Voice]) -> list[Voice]:
    """Return reposts: the same text by another author, later."""
    return [
        replace(
            post,
            author=f"user_{rng.randrange(1100, 1400)}",
            at=post.at + timedelta(minutes=rng.randrange(20, 4_000)),
            entry="share",
        )
        for post in rng.sample(posts, SHARES)
    ]


def doubled(rng: Random, posts: list[Voice], count: int) -> list[Voice]:
    """Return posts that the tool delivers twice: same author, text and day, another id."""
    early = [post for post in posts if post.at.hour < 20]
    return [replace(post, at=post.at + timedelta(minutes=rng.randrange(1, 90))) for post in rng.sample(early, count)]


def public(rng: Random, phrases: Phrases) -> tuple[list[Voice], list[Voice]]:
    """Return the mentions and the reviews of the wave, each in order of time."""
    drawn = voices(rng, phrases)
    posts = drawn[: MENTIONS - SHARES - MENTION_DOUBLES]
    posts = [replace(post, entry="reply") if rng.random() < 0.15 else post for post in posts]
    reviews = drawn[len(posts) :] + special(rng, phrases)
    mentions = posts + shared(rng, posts) + doubled(rng, posts, MENTION_DOUBLES)
    return in_time(mentions), in_time(reviews + doubled(rng, reviews, REVIEW_DOUBLES))


def in_time(said: list[Voice]) -> list[Voice]:
    """Put voices in order of time."""
    return sorted(said, key=lambda voice: (voice.at, voice.author))


def special(rng: Random, phrases: Phrases) -> list[Voice]:
    """Return the reviews that try the kit: markup, a formula, an address, a number."""
    mood = {1: "negative", 2: "negative", 3: "neutral", 4: "positive", 5: "positive"}
    return [
        Voice(
            each["text"],
            f"user_{2_000 + index}",
            each["language"],
            mood[each["stars"]],
            moment(rng, 10 * index + 9),
        )
        for index, each in enumerate(phrases["special"])
    ]


def mention_rows(rng: Random, mentions: list[Voice]) -> list[tuple[str, ...]]:
    """Return the rows of mentions.csv; the tool writes UTC."""
    return [
        (
            f"M{number}",
            f"{said.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
            said.text,
            said.author,
            said.language,
            rng.choice(PLACES),
            said.mood,
            said.entry,
            str(int(rng.lognormvariate(5.2, 1.1)) + 3),
        )
        for number, said in enumerate(mentions, 70_001)
    ]


def review_rows(rng: Random, phrases: Phrases, reviews: list[Voice]) -> list[tuple[str, ...]]:
    """Return the rows of reviews.csv; a text delivered twice keeps its stars."""
    stars = {each["text"]: each["stars"] for each in phrases["special"]}
    for said in reviews:
        stars.setdefault(said.text, rng.choice(STARS[said.mood]))
    return [
        (
            f"V{number}",
            f"{said.at:%Y-%m-%d}",
            said.text,
            said.author,
            said.language,
            PLATFORMS[len(said.text) % len(PLATFORMS)],
            str(stars[said.text]),
        )
        for number, said in enumerate(reviews, 30_001)
    ]


def survey_rows(rng: Random, phrases: Phrases) -> list[tuple[str, ...]]:
    """Return the rows of survey.csv: whoever speaks of delivery cost had it harder."""
    drawn = []
    for language, count in ANSWERS.items():
        for _ in range(count):
            at = FIRST_DAY + timedelta(days=rng.randrange(DAYS), minutes=rng.randrange(8 * 60, 22 * 60))
            drawn.append((at, language, *answers(rng, phrases[language]["survey"])))
    drawn.sort()
    return [(f"R{number}", f"{at:%Y-%m-%d %H:%M}", *answer) for number, (at, *answer) in enumerate(drawn, 5_001)]


def answers(rng: Random, comments: dict[str, list[str]]) -> tuple[str, str, str]:
    """Return one person's recommendation, ease (some skip it) and comment (half skip it)."""
    topic = rng.choices(("", "checkout", "other"), (48, 34, 18))[0]
    harder = topic == "checkout"
    nps = rng.choices(
        range(11),
        (1, 0, 1, 2, 3, 6, 7, 9, 8, 5, 3) if harder else (0, 0, 1, 0, 1, 3, 4, 9, 14, 16, 12),
    )[0]
    effort = rng.choices(range(1, 8), (5, 8, 9, 6, 3, 1, 0) if harder else (0, 1, 2, 4, 9, 12, 8))[0]
    skipped = not harder and rng.random() < 0.06
    return str(nps), "" if skipped else str(effort), rng.choice(comments[topic]) if topic else ""
