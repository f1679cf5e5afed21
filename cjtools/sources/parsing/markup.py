"""HTML as the words that it shows: tools export posts and questions with their markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

BREAKS = {"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "blockquote"}
HIDDEN = {"script", "style", "template", "head"}


class Words(HTMLParser):
    """Gathers the words of a text with markup."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line where a block begins, and hide what is not shown."""
        self.hidden += tag in HIDDEN
        if tag in BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Show again what follows."""
        self.hidden -= tag in HIDDEN and self.hidden > 0
        if tag in BREAKS - {"br"}:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep words that are shown."""
        if not self.hidden:
            self.parts.append(data)


def plain_text(text: str) -> str:
    r"""Return the words of a text without its markup, a line for each block.

    >>> plain_text("<p>Hola <b>a tots</b> &amp; totes</p><p>adéu</p>")
    'Hola a tots & totes\nadéu'
    """
    if "<" not in text and "&" not in text:
        return text
    words = Words()
    words.feed(text)
    words.close()
    joined = re.sub(r"[ \t\xa0]+", " ", "".join(words.parts))
    return re.sub(r" ?\n[ \n]*", "\n", joined).strip()
