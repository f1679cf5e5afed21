"""The products of an order that a shop writes into one cell: name:…|qty:…|total:…, 2× Tea, 1× Cup, or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

NUMBER = r"-?\d+(?:[.,]\d+)?"
COUNT_FIRST = re.compile(rf"(?:^|(?<=[,;\n|]))\s*({NUMBER})\s*[×x]\s+")
COUNT_LAST = re.compile(rf"^(.*\S)\s+(?:[×x]\s*({NUMBER})|\(\s*[×x]?\s*({NUMBER})\s*\))$", re.S)
KEYED = re.compile(r"(?:^|\|)\s*[A-Za-z_ ]{1,30}:")
NAMES = {
    "product": ("sku", "product_id", "name", "product_name"),
    "quantity": ("quantity", "qty"),
    "total": ("total", "line_total"),
}


@dataclass(frozen=True)
class Item:
    """One product of an order: its SKU, id or name, how many, what they cost together."""

    product: str
    quantity: float | None = None
    total: Decimal | None = None


def read_items(cell: str) -> list[Item] | None:
    """Return the products that a cell names, or None when it is written in no known way.

    >>> read_items("name:Tea|sku:T1|quantity:2|total:9.80")
    [Item(product='T1', quantity=2.0, total=Decimal('9.80'))]
    >>> read_items("2× Tea, green, 1× Cup")
    [Item(product='Tea, green', quantity=2.0, total=None), Item(product='Cup', quantity=1.0, total=None)]
    """
    text = cell.strip()
    if text[:1] in ("[", "{"):
        return json_items(text)
    if KEYED.match(text):
        return keyed_items(text)
    starts = list(COUNT_FIRST.finditer(text))
    if starts and starts[0].start() == 0:
        ends = [*(match.start() for match in starts[1:]), len(text)]
        named = [(text[match.end() : end].strip(" ,;|\n"), match[1]) for match, end in zip(starts, ends, strict=True)]
        return [Item(name, number(count)) for name, count in named] if all(name for name, _ in named) else None
    return counted_last(text)


def counted_last(text: str) -> list[Item] | None:
    """Return the products of a list such as Tea x 2; Cup x 1; all of them must be counted."""
    found = [COUNT_LAST.match(part.strip()) for part in re.split(r"[;|\n]|,\s(?=\S)", text) if part.strip()]
    if not found or not all(found):
        return None
    return [Item(match[1], number(match[2] or match[3])) for match in found if match]


def keyed_items(text: str) -> list[Item] | None:
    """Return the products of name:…|qty:…|total:…, an item a line or after a semicolon."""
    items = []
    for part in re.split(r"[;\n](?=\s*[A-Za-z_ ]{1,30}:)", text):
        pairs = [field.partition(":") for field in part.split("|") if ":" in field]
        items.append(item_of({name.strip().lower().replace(" ", "_"): value.strip() for name, _, value in pairs}))
    return [item for item in items if item] if all(items) else None


def json_items(text: str) -> list[Item] | None:
    """Return the products of a list of objects."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return None
    listed = whole if isinstance(whole, list) else [whole]
    items = [item_of(each) if isinstance(each, dict) else None for each in listed]
    return [item for item in items if item] if items and all(items) else None


def item_of(fields: Mapping[str, Any]) -> Item | None:
    """Return the product that some named values tell of, when they name one."""
    values = {what: next(filled(fields, names), "") for what, names in NAMES.items()}
    if not values["product"]:
        return None
    total = values["total"] if re.fullmatch(r"-?\d{1,13}(?:\.\d{1,6})?", values["total"]) else None
    return Item(values["product"], number(values["quantity"]), Decimal(total) if total else None)


def filled(fields: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    """Yield the values that are there, in the order of the names."""
    for name in names:
        value = fields.get(name)
        if value not in (None, "", "0", 0) or (value is not None and name not in ("sku", "product_id")):
            yield str(value).strip()


def number(text: str | None) -> float | None:
    """Return a number as shops write it; what is none is None."""
    if not text or not re.fullmatch(NUMBER, text) or len(text) > 15:
        return None
    return float(text.replace(",", "."))
