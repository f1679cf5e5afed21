"""What the label of a speaker says by itself: a role in one of the kit's languages, a person's name, or neither."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from cjtools.words import fold

Role = Literal["participant", "interviewer"]

GENERIC = {
    *(
        "speaker",
        "unknown-speaker",
        "person",
        "client",
        "customer",
        "user",
        "hablante",
        "interlocutor",
        "interlocutora",
    ),
    *("parlant", "parlante", "vorbitor", "persona", "cliente", "clienta", "usuari", "usuario", "utente"),
}
ROLES: Mapping[str, Role] = {
    **dict.fromkeys(
        (
            *("interviewer", "moderator", "facilitator", "researcher"),
            *("entrevistador", "entrevistadora", "moderador", "moderadora", "investigador", "investigadora"),
            *("intervistatore", "intervistatrice", "moderatore", "moderatrice", "ricercatore", "ricercatrice"),
            *("intervievator", "intervievatoare", "intervievatorul", "intervievatoarea", "moderatoare", "moderatorul"),
        ),
        "interviewer",
    ),
    **dict.fromkeys(
        (
            *("participant", "interviewee", "respondent", "informant"),
            *("entrevistat", "entrevistada", "entrevistado", "participante", "informante"),
            *("intervistato", "intervistata", "partecipante", "rispondente"),
            *("intervievat", "intervievata", "intervievatul", "participanta", "respondenta", "respondentul"),
        ),
        "participant",
    ),
}

CODE = re.compile(r"^(?:[A-ZÀ-ÖØ-Þ]{1,3}|[^\W\d_]|[^\W\d_]*[ _-]?\d+)\W*$")


@lru_cache(maxsize=1024)
def role_word(label: str) -> Role | None:
    """Return the role that a label itself says, in any of the kit's languages; None when it says none, or two.

    >>> role_word("Sandra Salinas, Entrevistadora"), role_word("Respondent 2"), role_word("E")
    ('interviewer', 'participant', None)
    """
    roles = {ROLES[word] for part in parts_of(label) if (word := fold(re.sub(r"[\d#.]+", "", part))) in ROLES}
    return roles.pop() if len(roles) == 1 else None


def is_code(label: str) -> bool:
    """Say whether a label names nobody: a role, a generic word, initials. In another file it is another person.

    >>> is_code("Speaker 1"), is_code("EN"), is_code("Ana Puig")
    (True, True, False)
    """
    return not real_names(label)


def real_names(label: str) -> list[str]:
    """Return what of a label may be a person's name, to be masked in the texts.

    >>> real_names("Sandra Salinas, Entrevistadora"), real_names("Interviewer (Ann)"), real_names("P04")
    (['Sandra Salinas'], ['Ann'], [])
    """
    names = [
        part
        for part in parts_of(label)
        if (word := fold(re.sub(r"[\d#.]+", "", part))) not in ROLES and word not in GENERIC and not CODE.match(part)
    ]
    return names[:1]


def parts_of(label: str) -> list[str]:
    """Return the parts of a label: 'Ann Lee (Guest)' has two."""
    return [part.strip() for part in re.split(r"[,()/\[\]]|\s[-–—]\s", label) if part.strip()]
