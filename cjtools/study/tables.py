"""The declared tables of the study of a client's texts."""

from __future__ import annotations

import dataframely as dy

from cjtools.tables import Machine


class TextLanguage(dy.Schema):
    """How many texts are in a language, and who said so: a person, the source, the text itself or its document.

    `language` is null where nothing told it, "other" outside the kit's five.
    """

    language = dy.String(nullable=True)
    position = dy.Int64()
    texts = dy.Int64(min=0)
    person = dy.Int64(min=0)
    source = dy.Int64(min=0)
    text = dy.Int64(min=0)
    document = dy.Int64(min=0)


class CoderAgreement(dy.Schema):
    """How far coders agree on a kind of code (`code` null) or on one code, over the `units` that two or more looked at.

    `alpha` is Krippendorff's (ordinal for the valence, else nominal; of one code: given or not), `kappa` Cohen's, of
    two coders only. Null where nothing could disagree. `observed` is the share of agreeing pairs.
    """

    kind = dy.String()
    code = dy.String(nullable=True)
    position = dy.Int64()
    alpha = dy.Float64(nullable=True)
    kappa = dy.Float64(nullable=True)
    observed = dy.Float64(nullable=True)
    units = dy.Int64(min=0)
    coders = dy.Int64(min=0)


class SaturationPoint(dy.Schema):
    """One interview in the order of their days: how many codes are new in it, how many there are by now.

    `share` is the new codes of the last run of interviews divided by those of the first ones; null before there was a
    run. `saturated` marks the interview at which the share first was small enough, and no other.
    """

    position = dy.Int64(min=1)
    new = dy.Int64(min=0)
    codes = dy.Int64(min=0)
    share = dy.Float64(nullable=True)
    saturated = dy.Bool()


class ThemePeople(dy.Schema):
    """One theme: its label in the language of the page, how many distinct people speak of it, in how many texts."""

    theme = dy.String(primary_key=True)
    position = dy.Int64()
    label = dy.String()
    people = dy.Int64(min=0)
    texts = dy.Int64(min=0)
    languages = dy.List(dy.String())


class ThemeStage(dy.Schema):
    """One theme at one stage a row: the distinct people who speak of it there.

    A cell of fewer people than may be shown is left out; every theme has a row at each stage, with nobody where so.
    """

    theme = dy.String(primary_key=True)
    stage = dy.String(primary_key=True)
    position = dy.Int64(min=0)
    stage_position = dy.Int64(min=0)
    label = dy.String()
    stage_label = dy.String()
    people = dy.Int64(min=0)
    texts = dy.Int64(min=0)


class CodeUse(dy.Schema):
    """One code of the codebook, or one that was given without standing there: what it means and how often it is given.

    `people` is null where there are some, and fewer than may be shown.
    """

    kind = dy.String()
    code = dy.String()
    position = dy.Int64()
    listed = dy.Bool()
    label = dy.String()
    definition = dy.String(nullable=True)
    include = dy.String(nullable=True)
    exclude = dy.String(nullable=True)
    texts = dy.Int64(min=0)
    people = dy.Int64(nullable=True, min=0)


STUDY_TABLES: dict[str, type[dy.Schema]] = {
    "languages": TextLanguage,
    "machine": Machine,
    "agreement": CoderAgreement,
    "saturation": SaturationPoint,
    "themes": ThemePeople,
    "theme_stages": ThemeStage,
    "codes": CodeUse,
}
