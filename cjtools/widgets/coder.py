"""A workbench for coding quotes: one after the other, what helps most first, each decision saved at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import ipywidgets as widgets
import polars as pl
from IPython.display import display

from cjtools.client import Client, in_language
from cjtools.errors import CjtoolsError
from cjtools.report.page import render_part, render_style
from cjtools.report.views.shown import heading
from cjtools.tables import Tables
from cjtools.text.codebook import Code
from cjtools.text.encoders import Encoder
from cjtools.text.redact import redact_text
from cjtools.widgets.session import Act, Clock, Row, Session, open_session, utc_now
from cjtools.words import Words, load_words

AROUND = 2  # passages shown before a quote, and after it
LONGEST = 4000  # letters of a quote that are shown, and of a passage around it
LONGEST_AROUND = 300
TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)
VALENCES = range(-2, 3)


@dataclass(frozen=True)
class Coder:
    """The workbench: the box, the session behind it, and its controls by name (a code's by "code:<id>")."""

    box: widgets.VBox
    session: Session
    controls: Mapping[str, widgets.Widget]
    quote: widgets.HTML
    said: widgets.Label
    progress: widgets.Label

    def _ipython_display_(self) -> None:
        display(self.box)  # type: ignore[no-untyped-call]


def code_quotes(
    client: Client,
    *,
    coder: str,
    kind: str = "stage",
    texts: Sequence[str] = (),
    second: bool = False,
    language: str = "",
    clock: Clock = utc_now,
    tables: Tables | None = None,
    encoder: Encoder | None = None,
) -> Coder:
    """Return a workbench in which a person codes quotes: `kind` stage, type or factor.

    Each quote stands with its neighbours, what the machine suggests, and the coded quote that is most like it. Every
    decision is a row of codings.csv at once; to undo adds a row. The machine learns again after ten decisions, or when
    told to, and says how often it agrees. `texts` are kinds of quote (interview, mention …), all when left out.
    `second` is for a second coder: quotes that others coded, without suggestion. Raises ParameterError for a coder
    without a name, or a kind that there is not; SourceError with every fault of every file.
    """
    words = load_words(language or client.client.language)
    session = open_session(
        client, coder=coder, kind=kind, texts=texts, second=second, clock=clock, tables=tables, encoder=encoder
    )
    labels = labels_of(session.desk.prepared.codes, words)
    controls = make_controls(session, labels=labels, words=words)
    made = Coder(
        box=widgets.VBox(),
        session=session,
        controls=controls,
        quote=widgets.HTML(),
        said=widgets.Label(),
        progress=widgets.Label(),
    )
    made.box.children = laid_out(made)
    connect(made, labels=labels, words=words)
    show(made, labels=labels, words=words)
    return made


def labels_of(codes: Sequence[Code], words: Words) -> dict[str, str]:
    """Return the labels of codes in the language of the workbench, by id."""
    return {
        code.id: heading(
            in_language(code.label, words.language)
            or (words.of("types", code.id) if words.has("types", code.id) else code.id)
        )
        for code in codes
    }


def make_controls(session: Session, *, labels: Mapping[str, str], words: Words) -> dict[str, widgets.Widget]:
    """Return the controls by name. Buttons stay as they are, so that the keyboard's focus does too."""
    means = {code.id: in_language(code.definition, words.language) for code in session.desk.prepared.codes}
    buttons = {name: words[f"code_{name}"] for name in ("accept", "none", "later", "undo", "learn", "theme_add")}
    controls = {name: widgets.Button(description=text, tooltip=text) for name, text in buttons.items()}
    controls["accept"].button_style = "primary"
    for code, label in labels.items():
        controls[f"code:{code}"] = widgets.Button(description=label, tooltip=means[code] or label, layout=fitting())
    for value in VALENCES:
        text = words.signed(value, digits=0)
        tooltip = f"{words['code_valence']}: {text}"
        controls[f"valence:{value}"] = widgets.Button(description=text, tooltip=tooltip, layout=fitting("3.5em"))
    controls["theme"] = widgets.Combobox(
        description=words["code_theme"], options=session.themes(), ensure_option=False, continuous_update=True
    )
    controls["choose_label"] = widgets.Label(words["code_choose"])
    controls["valence_label"] = widgets.Label(words["code_valence"])
    return controls


def fitting(width: str = "auto") -> widgets.Layout:
    """Return the layout of a button as wide as its text."""
    return widgets.Layout(width=width, min_width="3.5em")


def laid_out(made: Coder) -> list[widgets.Widget]:
    """Return what stands in the box, from top to bottom, in the order in which the Tab key goes through it."""
    wrap = widgets.Layout(flex_flow="row wrap")
    own = made.controls
    codes = [control for name, control in own.items() if name.startswith("code:")]
    valences = [own[f"valence:{value}"] for value in VALENCES]
    rows = [
        [own["accept"], own["none"], own["later"], own["undo"], own["learn"]],
        [own["choose_label"], *codes],
        [own["valence_label"], *valences, own["theme"], own["theme_add"]],
    ]
    if made.session.desk.second:
        rows[0].remove(own["accept"])
    style = widgets.HTML(render_style())
    return [style, made.progress, made.quote, *(widgets.HBox(row, layout=wrap) for row in rows), made.said]


def connect(made: Coder, *, labels: Mapping[str, str], words: Words) -> None:
    """Let every button do its work, then show what is there."""
    session = made.session
    acts: dict[str, Callable[[], None]] = {
        "accept": session.accept,
        "none": session.refuse,
        "later": session.later,
        "undo": session.undo,
        "learn": session.learn,
        "theme_add": partial(add_theme, made),
        **{f"code:{code}": partial(session.choose, code) for code in labels},
        **{f"valence:{value}": partial(session.value, value) for value in VALENCES},
    }

    def press(act: Callable[[], None], _button: object) -> None:
        before = list(session.acts)
        try:
            act()
            made.said.value = told(before, session.acts, labels=labels, words=words)
        except (CjtoolsError, OSError) as error:
            made.said.value = words("code_failed", why=" ".join(str(error).split()))
        show(made, labels=labels, words=words)

    for name, act in acts.items():
        made.controls[name].on_click(partial(press, act))


def add_theme(made: Coder) -> None:
    """Give the quote the theme that was typed."""
    box = made.controls["theme"]
    made.session.theme(box.value)
    box.value, box.options = "", made.session.themes()


def told(before: Sequence[Act], after: Sequence[Act], *, labels: Mapping[str, str], words: Words) -> str:
    """Return what was saved or taken back."""
    if len(before) == len(after):
        return ""
    act = (after if len(after) > len(before) else before)[-1]
    row = act.added.row(0, named=True)
    what = labels.get(row["code"], row["code"]) if row["accepted"] else words["code_none"]
    what = words.signed(row["value"], digits=0) if row["kind"] == "valence" else what
    return words("code_saved" if len(after) > len(before) else "code_undone", what=what)


def show(made: Coder, *, labels: Mapping[str, str], words: Words) -> None:
    """Show the present quote and how far the work is."""
    row, own = made.session.current, made.controls
    made.quote.value = quote_html(row, made.session, labels=labels, words=words) if row else ""
    made.progress.value = told_progress(made.session, words)
    if row is None:
        made.said.value = " ".join([made.said.value, words["code_done"]]).strip()
    for name, control in own.items():
        if name not in ("undo", "learn") and isinstance(control, widgets.Button):
            control.disabled = row is None
    own["undo"].disabled = not made.session.acts


def told_progress(session: Session, words: Words) -> str:
    """Return how much is coded, and how often the machine agrees."""
    desk, found = session.desk, session.suggestions
    done = words(
        "code_progress",
        coded=words.number(session.coded),
        texts=words.count("texts", desk.prepared.known.height),
        mine=words.number(session.mine),
        coder=desk.coder,
    )
    if found is None or desk.second:
        return done
    codes = words.count("codes", found.codes)
    if found.agreement is None:
        return f"{done} · {words('code_agreement_unknown', codes=codes)} · {told_learned(session, words)}"
    agrees = words("code_agreement", share=words.percent(found.agreement), codes=codes)
    enough = words["code_enough" if found.accepted else "code_not_enough"]
    return f"{done} · {agrees}, {enough} · {told_learned(session, words)}"


def told_learned(session: Session, words: Words) -> str:
    """Return how long the last learning took."""
    return words("code_learned", seconds=words.number(session.seconds, digits=1))


def quote_html(row: Row, session: Session, *, labels: Mapping[str, str], words: Words) -> str:
    """Return the present quote as HTML: where it stands, its neighbours, the suggestion and its reason."""
    quotes = session.desk.quotes
    quote = quotes.row(by_predicate=pl.col("quote_id") == row["quote_id"], named=True)
    before, after = neighbours(quote, quotes)
    reason = quotes.filter(pl.col("quote_id") == row["because"]).to_dicts() if row["because"] else []
    return str(
        render_part(
            "quote",
            words=words,
            facts=facts_of(quote, words),
            quote=passage(quote, LONGEST),
            before=[passage(each, LONGEST_AROUND) for each in before],
            after=[passage(each, LONGEST_AROUND) for each in after],
            suggested=suggested(row, labels=labels, words=words),
            because=passage(reason[0], LONGEST_AROUND) if reason else None,
        )
    )


def suggested(row: Row, *, labels: Mapping[str, str], words: Words) -> list[dict[str, str]]:
    """Return the likeliest code and the second, each with how likely it is; none for a second coder."""
    pairs = [(row["code"], row.get("confidence")), (row.get("second"), row.get("second_confidence"))]
    return [
        {"label": labels.get(code, code), "share": words.percent(chance)}
        for code, chance in pairs
        if code and chance is not None
    ]


def facts_of(quote: Row, words: Words) -> list[str]:
    """Return where a quote stands: document and line, who speaks, in which language, when."""
    role = str(quote["speaker_role"] or "")
    key = f"code_speaker_{role}"
    speaker = words[key] if words.has("words", key) else role
    facts = [
        f"{quote['source_file']}:{quote['source_row']}",
        " ".join(part for part in (speaker, quote["participant_id"]) if part),
        quote["platform"],
        quote["language"] or words["study_unknown"],
        words.date(quote["local_date"]) if quote["local_date"] else "",
    ]
    return [str(fact) for fact in facts if fact]


def neighbours(quote: Row, quotes: pl.DataFrame) -> tuple[list[Row], list[Row]]:
    """Return the passages before a quote and after it: of the same document, or what it answers to."""
    order = ["start", "source_row", "quote_id"]
    around = quotes.filter(pl.col("doc_id") == quote["doc_id"]).sort(order, nulls_last=True).to_dicts()
    at = next(place for place, row in enumerate(around) if row["quote_id"] == quote["quote_id"])
    elsewhere = pl.col("doc_id") != quote["doc_id"]
    answered = quotes.filter(elsewhere & (pl.col("quote_id") == (quote["parent_id"] or ""))).to_dicts()
    return [*answered, *around[max(at - AROUND, 0) : at]], around[at + 1 : at + 1 + AROUND]


def passage(quote: Row, longest: int) -> dict[str, str]:
    """Return what may be shown of a quote: its text, masked and cut, and its language where it is one."""
    text = redact_text(quote["text"]).text
    language = quote["language"] or ""
    return {
        "text": text if len(text) <= longest else f"{text[:longest]}…",
        "language": language if TAG.fullmatch(language) and language != "other" else "",
    }
