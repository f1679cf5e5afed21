"""How fast the machine learns a client's codes: agreement after 0, 10, 30 and 100 accepted codes a stage or type.

    python benchmarks/text/learning.py [--encoder small] [--vectors FOLDER] [--seeds 3]

The client is played by the kit's own sentences of one language, which the head that it starts from has not seen;
agreement is the share of the other sentences of that language that get the code that a person gave. "from nothing"
starts without a head, as for codes of a client's own.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from train.heads import TASKS, Taught, fit, taught

from cjtools.text.encoders import Encoder, cached, load_encoder
from cjtools.text.suggest import Basis, learned
from data import LANGUAGES

STEPS = (0, 10, 30, 100)


def curve(
    data: Taught, language: str, encoder: Encoder, *, task: str, seed: int, from_nothing: bool = False
) -> list[float]:
    """Return the agreement after each number of accepted codes, of one order of coding."""
    spoken = np.array([row.language == language for row in data.rows])
    own = data.where(spoken & (data.sets != "journey_synth"))
    head = fit(TASKS[task], data.where(~spoken), seeds=(1,))
    classes = list(head.classes)
    labels = np.array([classes.index(label) for label in own.labels])
    chances = head.probabilities(own.columns)
    prior = np.full_like(chances, 1 / len(classes)) if from_nothing else chances
    basis = Basis(own.columns[:, : encoder.size], prior)
    order = np.random.default_rng(seed).permutation(len(labels))
    # Eight codes at least stay to be judged, however many were taught.
    turns = [[place for place in order if labels[place] == code] for code in range(len(classes))]
    judged = np.array([place for turn in turns for place in turn[-max(8, len(turn) // 10) :]])
    found = []
    for step in STEPS:
        shown = [place for turn in turns for place in turn[: min(step, len(turn) - max(8, len(turn) // 10))]]
        chances = learned(basis, np.array(shown, dtype=int), labels[shown], judged, len(classes))
        found.append(float((chances.argmax(axis=1) == labels[judged]).mean()))
    return found


def shown(values: Sequence[float]) -> str:
    """Return figures of a line."""
    return "".join(f"{value:8.2f}" for value in values)


def main() -> None:
    """Print the curves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", default="small")
    parser.add_argument("--vectors", type=Path, default=Path(".cache"))
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    encoder = cached(load_encoder(asked.encoder), asked.vectors)
    print(f"{'accepted codes a code':24}" + "".join(f"{step:8}" for step in STEPS))
    for task in ("stage", "type"):
        data = taught(task, encoder)
        for language in LANGUAGES:
            for way in (False, True):
                runs = [
                    curve(data, language, encoder, task=task, seed=seed, from_nothing=way)
                    for seed in range(asked.seeds)
                ]
                label = f"{task} {language}{', from nothing' if way else ''}"
                print(f"{label:24}" + shown(np.mean(runs, axis=0).tolist()))


if __name__ == "__main__":
    main()
