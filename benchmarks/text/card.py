"""Writes the model card and the figures that the report prints, from what run.py measured.

python benchmarks/text/run.py --encoders small --halves A B --json small.json
python benchmarks/text/run.py --encoders e5 --json e5.json
python benchmarks/text/card.py small.json e5.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from run import AIMS_2, AIMS_3, FLOORS_2, FLOORS_3, PUBLISHED

from data import LANGUAGES

MODELS = Path(__file__).resolve().parents[2] / "cjtools" / "text" / "models"
HEAD = """# Model card: how the kit understands texts

Written by `benchmarks/text/card.py` from what `benchmarks/text/run.py` measured. Figures are macro-F1 unless said, on
development sets that lie beside the project; where a set also trained, it was cross-validated, and for the small
encoder on vectors of encoders that had not seen the text.

## What ships
| file | what | trained on |
|---|---|---|
| `small.npz` | encoder of 256 columns: a table of word pieces, two narrow gated convolutions, 8-bit whole numbers | \
texts of the sets that may train shipped weights, the kit's own sentences, and crops, joins and word swaps of them; \
teacher: multilingual-e5-small (MIT), layers 8 and 12 |
| `sentiment-*.npz` | six networks of one layer on an encoder's columns and 24 counts of the word lists | 24,906 \
labelled texts: MultiBooked (CC BY 3.0), RED (MIT), XED (CC BY 4.0), UCI (CC BY 4.0), own sentences and pairs (CC0) |
| `stage-*.npz`, `type-*.npz` | three networks of one layer each | the kit's own sentences and 400 parallel ones (CC0) |

Origin, licence, SHA-256 and number of rows of each file: `benchmarks/text/train/small.toml`. Seeds are fixed; the
scripts are in `benchmarks/text/train/`. The kit's own 7,200 sentences and the word lists were written for it, and
labelled, by a language model in the five languages; no second person labelled them.

## How good it is
"""
TAIL = """
## What it is not good at
- Irony, mild or mixed feelings, and slang that the word lists do not know: tweets are the hardest kind of text, and
  Spanish tweets the hardest of those; neutral ones are often taken for polar ones.
- Sure of itself on kinds of text that it has not learned from: see the calibration error of the tweets. Below a
  probability of 0.5 it says "uncertain".
- Stages and types were measured on 80 parallel sentences a language by one author: an order of magnitude, no promise.
  A client's own accepted codes are what tells; the machine's codes count only where those agree (0.70 over 30 codes).
- Touchpoints are not guessed from a text that does not name them. Emotions are not offered.
- The word lists were improved by reading what they misjudged in these very sets (hotel sentences, tweets, reviews), and
  by counts of words there: expect less of texts of other kinds. Catalan was judged on hotel sentences alone.
- The encoder was trained before the last look at the word lists, whose words are among its texts.
- Other languages than ca, en, es, it and ro are kept and not scored.
"""


def table(title: str, rows: Mapping[str, Mapping[str, float]]) -> str:
    """Return a table of figures by language."""
    lines = [f"| {title} | {' | '.join(LANGUAGES)} |", "|---" * (len(LANGUAGES) + 1) + "|"]
    for name, values in rows.items():
        cells = [f"{values[language]:.3f}" if language in values else "–" for language in LANGUAGES]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def card(told: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Return the text of the card; `told` holds what run.py measured of each encoder."""
    first = next(iter(told.values()))
    parts = []
    for classes, floors, aims in (("3", FLOORS_3, AIMS_3), ("2", FLOORS_2, AIMS_2)):
        rows = {
            "most frequent class": first[f"sentiment-{classes} majority class"],
            "word lists alone": first[f"sentiment-{classes} word lists alone"],
            **{name: figures[f"sentiment-{classes} {name}"] for name, figures in told.items()},
            "floor": floors,
            "aim": aims,
        }
        rows |= {"XLM-T, published, tweets (278 million parameters)": PUBLISHED} if classes == "3" else {}
        parts.append(table(f"sentiment, {classes} classes", rows))
    parts += [
        table(kind, {name: figures[f"{kind} {name}"] for name, figures in told.items()})
        for kind in ("stage", "stage top-2", "type", "type top-2")
    ]
    parts.append(table("language, share right, 6 words and more", {"py3langid": first["language"]}))
    errors = {name: figures[f"calibration {name}"] for name, figures in told.items()}
    lines = [
        f"- {name}: " + ", ".join(f"{key} {value:.3f}" for key, value in each.items()) for name, each in errors.items()
    ]
    parts.append("Calibration error (expected, ten bins):\n" + "\n".join(lines))
    return HEAD + "\n\n".join(parts) + "\n" + TAIL


def main() -> None:
    """Write the card and the figures."""
    told = {Path(path).stem: json.loads(Path(path).read_text("utf-8")) for path in sys.argv[1:]}
    (MODELS / "CARD.md").write_text(card(told), "utf-8")
    for name, figures in told.items():
        scores = figures[f"sentiment-3 {name}"]
        lines = [f"{language} = {scores[language]:.3f}" for language in LANGUAGES]
        text = "# Macro-F1 over three classes on development sets: see CARD.md.\n[macro_f1]\n" + "\n".join(lines) + "\n"
        (MODELS / f"sentiment-{name}.toml").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
