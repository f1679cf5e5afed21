"""The declared tables of remarks: the rows of remarks.csv, and how each stands on a map."""

from __future__ import annotations

import dataframely as dy

ACCEPT, QUERY, REJECT, SIGNED, RESOLVED = "accept", "query", "reject", "signed", "resolved"
SAID = (ACCEPT, QUERY, REJECT)
MARKS = (*SAID, SIGNED, RESOLVED)
STATES = ("open", "agreed", "resolved", "replaced")


class Remark(dy.Schema):
    """One row of remarks.csv.

    accept, query and reject are what a reviewer says of a `claim` (of the whole map where there is none); `signed`:
    somebody signs the whole map off; `resolved`: the remark that `answers` names is dealt with. `map` is the content
    hash of the map that was read, as its page has it. `remark_id` is made from what the row says.
    """

    remark_id = dy.String(primary_key=True)
    map = dy.String(nullable=True)
    wave = dy.String(nullable=True)
    claim = dy.String(nullable=True)
    mark = dy.Enum(list(MARKS))
    comment = dy.String(nullable=True)
    who = dy.String(min_length=1)
    when = dy.Date(nullable=True)
    answers = dy.String(nullable=True)
    line = dy.Int64(nullable=True)


class MapRemark(dy.Schema):
    """One thing that a reviewer said of this wave's map, and how it stands.

    open: not answered yet; agreed: accepted without a comment; resolved: by whom, when, with which note; replaced: the
    same reviewer said something later of the same claim. `same_map` is false where the map has changed since.
    """

    remark_id = dy.String(primary_key=True)
    position = dy.Int64(min=0)
    claim = dy.String(nullable=True)
    mark = dy.Enum(list(SAID))
    comment = dy.String(nullable=True)
    who = dy.String()
    when = dy.Date(nullable=True)
    state = dy.Enum(list(STATES))
    same_map = dy.Bool(nullable=True)
    resolved_by = dy.String(nullable=True)
    resolved_on = dy.Date(nullable=True)
    resolved_note = dy.String(nullable=True)
