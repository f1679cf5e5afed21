"""Identifiers with a form of their own are masked in every text before anything is shown."""

from __future__ import annotations

import polars as pl

from cjtools.privacy import MASK

# In order: a link may hold an @, an e-mail address is no handle, an account number no phone number.
FORMS = (
    r"(?i)\b(?:https?://|www\.)\S+",
    r"(?i)[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+",
    r"(^|[^\w@])@\w[\w.]+",
    r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,7}(?:[ ]?[A-Z0-9]{1,3})?\b",
    r"\+?\d(?:[\s().-]*\d){8,15}\b",
)


def redact(text: pl.Expr) -> pl.Expr:
    """Return texts with links, e-mail addresses, handles, account and phone numbers masked.

    Names are not found this way: those of registered participants are masked where they are read.

    >>> pl.DataFrame({"t": ["escriu a ana@mail.example o al +34 600 000 000"]}).select(redact(pl.col("t"))).item()
    'escriu a ▮▮▮ o al ▮▮▮'
    """
    for form in FORMS:
        text = text.str.replace_all(form, f"${{1}}{MASK}" if form.startswith("(^|") else MASK)
    return text
