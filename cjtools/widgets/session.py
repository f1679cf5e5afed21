"""One person coding quotes: what comes next, what was decided, what is taken back. Without a widget."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from cjtools.client import Client
from cjtools.errors import Fault, ParameterError, cut, nearest, raise_if_any
from cjtools.sources import read_sources
from cjtools.spreadsheet import as_cell
from cjtools.tables import Tables
from cjtools.text.codebook import identifier_of, load_codebook
from cjtools.text.codings import Decision, add_codings, in_force, languages_given, load_codings, settle
from cjtools.text.encoders import Encoder
from cjtools.text.suggest import KINDS, Prepared, Suggestions, learn, prepare, queue
from cjtools.text.understand import NO_VOICE, own_encoder, with_copies, with_languages

Row = dict[str, Any]
Clock = Callable[[], dt.datetime]

LONGEST_QUEUE = 200
LEARN_AFTER = 10  # decisions, after which the machine learns again by itself


def utc_now() -> dt.datetime:
    """Return the moment, to the second."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


@dataclass(frozen=True, eq=False)
class Desk:
    """What does not change while somebody codes: who codes what, the quotes, what the sources' own coders said."""

    client: Client
    coder: str
    kind: str
    second: bool
    clock: Clock
    quotes: pl.DataFrame
    sourced: pl.DataFrame
    prepared: Prepared


@dataclass(frozen=True)
class Act:
    """One thing that was decided: the rows it added, those that were in force before, and whether it ended a quote."""

    added: pl.DataFrame
    before: pl.DataFrame
    ended: Row | None


@dataclass(eq=False)
class Session:
    """The state of one person's coding. Each decision is a row of codings.csv at once.

    `waiting` are the quotes to come, the present one first: quote_id, and what the machine suggests of it.
    """

    desk: Desk
    waiting: list[Row] = field(default_factory=list)
    suggestions: Suggestions | None = None
    acts: list[Act] = field(default_factory=list)
    fresh: int = 0
    seconds: float = 0.0
    coded: int = 0
    mine: int = 0
    decided: pl.DataFrame = field(default_factory=Decision.create_empty)

    @property
    def current(self) -> Row | None:
        """The quote that is to be decided; null when nothing is left."""
        return self.waiting[0] if self.waiting else None

    def learn(self) -> None:
        """Learn from all accepted codes, also those that others added meanwhile, and order what is left anew."""
        began = time.perf_counter()
        desk, decided = self.desk, load_codings(self.desk.client)
        codings = settle(desk.sourced, decided)
        self.suggestions = learn(desk.prepared, codings)
        self.waiting = waiting_for(desk, self.suggestions, decided)
        self.count(codings, decided)
        self.fresh, self.seconds = 0, time.perf_counter() - began

    def count(self, codings: pl.DataFrame, decided: pl.DataFrame) -> None:
        """Keep what is decided by now, and count the quotes that are coded, and those by this coder."""
        self.decided = decided
        of_kind = pl.col("kind").cast(pl.String) == self.desk.kind
        known = codings.filter(of_kind & pl.col("accepted") & (pl.col("method").cast(pl.String) == "person"))
        self.coded = known.join(self.desk.prepared.known, on="quote_id", how="semi")["quote_id"].n_unique()
        self.mine = in_force(decided).filter(of_kind & (pl.col("coder") == self.desk.coder))["quote_id"].n_unique()

    def accept(self) -> None:
        """Give the code that the machine suggests."""
        if self.current and self.current["code"]:
            self.choose(self.current["code"])

    def choose(self, code: str) -> None:
        """Give a code, and go on to the next quote."""
        self.decide([(self.desk.kind, code, None, True)], ends=True)

    def refuse(self) -> None:
        """Say that no code fits: what was suggested, or given by others, is refused. Go on to the next quote."""
        if self.current:
            codes = self.current["given"] or [self.current["code"]]
            self.decide([(self.desk.kind, code, None, False) for code in codes], ends=True)

    def value(self, valence: int) -> None:
        """Say how it is for them, from -2 to 2; the quote stays."""
        self.decide([("valence", "valence", valence, True)], ends=False)

    def theme(self, label: str) -> None:
        """Give a theme of one's own, by any name; the quote stays."""
        if label.strip():
            self.decide([("theme", identifier_of(label), None, True)], ends=False)

    def later(self) -> None:
        """Put the present quote behind the others."""
        self.waiting = [*self.waiting[1:], *self.waiting[:1]]

    def decide(self, said: Sequence[tuple[str, str, int | None, bool]], *, ends: bool) -> None:
        """Add rows on the present quote to the file; `ends` goes on to the next one."""
        row = self.current
        if row is None:
            return
        columns = {"kind": pl.String, "code": pl.String, "value": pl.Int64, "accepted": pl.Boolean}
        added = pl.DataFrame(said, schema=columns, orient="row").with_columns(quote_id=pl.lit(row["quote_id"]))
        before = self.in_force_before(added)
        self.write(added)
        self.acts.append(Act(added, before, row if ends else None))
        if ends:
            self.waiting = self.waiting[1:]
            self.fresh += 1
            if self.fresh >= LEARN_AFTER or not self.waiting:
                self.learn()
        self.recount()

    def undo(self) -> None:
        """Take back the last decision of this session, by rows that say so; nothing is deleted."""
        if not self.acts:
            return
        act = self.acts[-1]
        key = ["quote_id", "kind", "code"]
        gone = act.added.join(act.before, on=key, how="anti", maintain_order="left")
        back = gone.with_columns(accepted=pl.lit(None, dtype=pl.Boolean))
        self.write(pl.concat([back, act.before.select(back.columns)]))
        self.acts.pop()
        if act.ended is not None:
            others = [row for row in self.waiting if row["quote_id"] != act.ended["quote_id"]]
            self.waiting = [act.ended, *others]
            self.fresh = max(self.fresh - 1, 0)
        self.recount()

    def in_force_before(self, added: pl.DataFrame) -> pl.DataFrame:
        """Return this coder's rows in force that rows about to be added take the place of."""
        mine = in_force(self.decided).filter(pl.col("coder") == self.desk.coder)
        key = ["quote_id", "kind", "code"]
        return mine.with_columns(pl.col("kind").cast(pl.String)).join(added.select(key), on=key, how="semi")

    def write(self, rows: pl.DataFrame) -> None:
        """Add rows to codings.csv."""
        add_codings(self.desk.client, rows, coder=self.desk.coder, coded_at=self.desk.clock())

    def recount(self) -> None:
        """Count again what is coded by now."""
        decided = load_codings(self.desk.client)
        self.count(settle(self.desk.sourced, decided), decided)

    def themes(self) -> list[str]:
        """Return the themes that people gave so far, in alphabetical order."""
        codings = settle(self.desk.sourced, self.decided)
        given = codings.filter((pl.col("kind").cast(pl.String) == "theme") & pl.col("accepted"))
        return given["code"].unique().sort().to_list()


def waiting_for(desk: Desk, suggestions: Suggestions, decided: pl.DataFrame) -> list[Row]:
    """Return what this coder is to decide, what helps most first; a second coder sees no suggestion."""
    of_kind = pl.col("kind").cast(pl.String) == desk.kind
    mine = in_force(decided).filter(of_kind & (pl.col("coder") == desk.coder))
    if not desk.second:
        left = suggestions.rows.join(mine.select("quote_id").unique(), on="quote_id", how="anti")
        return queue(left, most=LONGEST_QUEUE).with_columns(given=pl.lit(None)).to_dicts()
    everybody = pl.concat([desk.sourced, in_force(decided).select(desk.sourced.columns)])
    person = pl.col("method").cast(pl.String) == "person"
    given = everybody.filter(of_kind & person & pl.col("accepted"))
    own = pl.concat([mine.select("quote_id"), given.filter(pl.col("coder") == desk.coder).select("quote_id")])
    left = given.join(own.unique(), on="quote_id", how="anti").join(desk.prepared.known, on="quote_id", how="semi")
    # Ids are hashes: their order favours nothing.
    rows = left.group_by("quote_id").agg(given=pl.col("code").unique().sort()).sort("quote_id").head(LONGEST_QUEUE)
    return rows.with_columns(code=pl.lit(None, dtype=pl.String), because=pl.lit(None, dtype=pl.String)).to_dicts()


def open_session(
    client: Client,
    *,
    coder: str,
    kind: str,
    texts: Sequence[str] = (),
    second: bool = False,
    clock: Clock = utc_now,
    tables: Tables | None = None,
    encoder: Encoder | None = None,
) -> Session:
    """Return a session that is ready for the first quote.

    Raises ParameterError for a coder without a name, a kind of code or of text that there is not.
    """
    read = read_sources(client) if tables is None else tables
    families = read.quotes["kind"].cast(pl.String).unique().sort().to_list()
    raise_if_any(ParameterError, "the coder", list(faults_of(coder, kind, texts, families)))
    quotes, _ = with_languages(read.quotes, languages_given(load_codings(client)))
    if client.text.duplicates == "near":
        quotes, _ = with_copies(quotes)
    wanted = pl.col("kind").cast(pl.String).is_in(list(texts) or families)
    voice = ~pl.col("speaker_role").fill_null("participant").is_in(NO_VOICE)
    asked = quotes.filter(wanted & voice & pl.col("repost_of").is_null())
    prepared = prepare(
        asked, kind=kind, client=client, book=load_codebook(client), encoder=encoder or own_encoder(client)
    )
    if len(prepared.codes) < 2:
        fault = Fault("kind", f"fewer than two codes are a {kind}", "two or more", "add them to codebook.toml")
        raise ParameterError("the coder", [fault])
    session = Session(Desk(client, coder, kind, second, clock, quotes, read.codings, prepared))
    session.learn()
    return session


def faults_of(coder: str, kind: str, texts: Sequence[str], families: Sequence[str]) -> list[Fault]:
    """Return what is wrong with what was asked for."""
    faults = []
    if not coder or coder != " ".join(coder.split()) or as_cell(coder) != coder:
        faults.append(Fault("coder", f"{cut(coder)} is no name", "letters, as they shall stand in codings.csv"))
    if kind not in KINDS:
        faults.append(Fault("kind", f"{cut(kind)} is not suggested", nearest(kind, KINDS)))
    faults += [
        Fault("texts", f"there is no {cut(name)}", nearest(name, families)) for name in texts if name not in families
    ]
    return faults
