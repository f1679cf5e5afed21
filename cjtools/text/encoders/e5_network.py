"""The layers of multilingual-e5-small as a network for onnxruntime, multiplied in whole numbers of 8 bits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cjtools.text.encoders.e5_file import E5File, floats
from cjtools.text.encoders.graph import Graph, value_info

# Weights go to −64…64, not −128…127: on processors without VNNI two products of 8 bits are added in 16, and would
# overflow. On the development texts the vectors of layer 8 keep a cosine of 0.999 with those in float (0.996 once the
# mean of all vectors is taken off).
HIGHEST = 64


def network(file: E5File, *, taps: Sequence[int]) -> bytes:
    """Return the network up to the last of `taps`: from the summed embeddings of one text to the means of the layers.

    Input "x" is (1, tokens, width), output "y" is (1, width × taps), a mean over the tokens for each tapped layer.
    One text at a time: nothing is padded, and the rounding of activations depends on no other text.
    """
    graph = Graph()
    x = normalised(graph, file, "x", "emb.ln")
    means = []
    for layer in range(max(taps)):
        x = one_layer(graph, file, x, layer)
        if layer + 1 in taps:
            means.append(graph.node("ReduceMean", [x], f"mean{layer}", axes=[1], keepdims=0))
    graph.node("Concat", means, "y", axis=1)
    width = file.width
    return graph.model([value_info("x", [1, "tokens", width])], [value_info("y", [1, width * len(taps)])])


def one_layer(graph: Graph, file: E5File, x: str, layer: int) -> str:
    """Add one layer of the transformer: attention and two dense layers, each with a sum and a normalisation."""
    name = f"l{layer}"
    joined = dense(graph, file, x, f"{name}.qkv", [f"{name}.{part}" for part in "qkv"])
    split = [f"{name}.{part}" for part in "qkv"]
    graph.node("Split", [joined], split[0], also=split[1:], axis=2)
    seen = graph.node("MultiHeadAttention", split, f"{name}.seen", extra=True, num_heads=file.heads)
    x = normalised(graph, file, dense(graph, file, seen, f"{name}.ao"), f"{name}.aln", skip=x)
    inner = graph.node("Gelu", [dense(graph, file, x, f"{name}.fi")], f"{name}.gelu", extra=True)
    return normalised(graph, file, dense(graph, file, inner, f"{name}.fo"), f"{name}.oln", skip=x)


def dense(graph: Graph, file: E5File, x: str, name: str, parts: Sequence[str] = ()) -> str:
    """Add a dense layer in whole numbers, each token by its own scale; several parts are set side by side.

    A few tokens have values many times those of the others: with one scale for all, these would be lost.
    """
    rounded, scale = whole_numbers(np.concatenate([weights(file, part) for part in parts or [name]], axis=1))
    bias = np.concatenate([file.arrays[f"{part}.b"] for part in parts or [name]])
    peak = graph.node("ReduceMax", [graph.node("Abs", [x], f"{name}.abs")], f"{name}.peak", axes=[-1], keepdims=1)
    even = graph.node("Div", [x, peak], f"{name}.even")
    constants = [
        graph.constant(f"{name}.w", rounded),
        graph.constant(f"{name}.scale", scale),
        graph.constant(f"{name}.zero", np.zeros_like(rounded[0])),
    ]
    product = graph.node("DynamicQuantizeMatMul", [even, *constants], f"{name}.product", extra=True)
    back = graph.node("Mul", [product, peak], f"{name}.back")
    return graph.node("Add", [back, graph.constant(f"{name}.b", bias)], f"{name}.out")


def weights(file: E5File, name: str) -> np.ndarray:
    """Return the weights of a dense layer in float: (columns in, columns out)."""
    return floats(file.arrays[f"{name}.w"]).reshape(len(file.arrays[f"{name}.b"]), -1).T


def whole_numbers(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return weights rounded to whole numbers, and the scale of each column out.

    >>> rounded, scale = whole_numbers(np.array([[0.5, 2.0], [-1.0, 0.25]], dtype=np.float32))
    >>> rounded.tolist(), scale.tolist()
    ([[32, 64], [-64, 8]], [0.015625, 0.03125])
    """
    scale = (np.abs(values).max(axis=0) / HIGHEST).astype(np.float32)
    return np.round(values / scale).astype(np.int8), scale


def normalised(graph: Graph, file: E5File, x: str, name: str, *, skip: str = "") -> str:
    """Add a layer normalisation, of a sum if there is something to skip to."""
    constants = [graph.constant(f"{name}.{part}", file.arrays[f"{name}.{part}"]) for part in "wb"]
    summed = graph.node("Add", [x, skip], f"{name}.sum") if skip else x
    return graph.node("LayerNormalization", [summed, *constants], f"{name}.out", axis=-1, epsilon=file.epsilon)
