"""How good the kit's estimates were on labelled texts: figures that ship beside the models."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from cjtools.settings import LANGUAGES


@cache
def sentiment_scores(method: str) -> dict[str, float]:
    """Return the macro-F1 of an estimate of sentiment by language; nothing where none was measured.

    `method` as score_sentiment names it: the encoder, or "lexicon", and what follows.

    >>> sentiment_scores("nobody 0badcafe")
    {}
    """
    path = resources.files("cjtools.text.models").joinpath(f"sentiment-{method.split()[0]}.toml")
    if not path.is_file():
        return {}
    measured = tomllib.loads(path.read_text("utf-8"))["macro_f1"]
    return {language: float(measured[language]) for language in LANGUAGES if language in measured}
