"""A network as the bytes of an ONNX file, without the package onnx: what the encoders need of the format."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

# Field numbers of onnx.proto (ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto, ValueInfoProto).
KINDS = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7}
EXTRA = "com.microsoft"  # operators that only onnxruntime has


def number(value: int) -> bytes:
    """Return a whole number as protobuf writes it (varint).

    >>> number(300).hex()
    'ac02'
    """
    value &= (1 << 64) - 1
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes(parts) + bytes([value])


def whole(place: int, value: int) -> bytes:
    """Return a field that holds a whole number."""
    return number(place << 3) + number(value)


def part(place: int, value: bytes | str) -> bytes:
    """Return a field that holds text, bytes or a message."""
    data = value.encode() if isinstance(value, str) else value
    return number(place << 3 | 2) + number(len(data)) + data


def attribute(name: str, value: float | str | Sequence[int]) -> bytes:
    """Return an attribute of a node: a whole number, a float, text or whole numbers."""
    if isinstance(value, float):
        return part(1, name) + number(2 << 3 | 5) + struct.pack("<f", value) + whole(20, 1)
    if isinstance(value, int):
        return part(1, name) + whole(3, value) + whole(20, 2)
    if isinstance(value, str):
        return part(1, name) + part(4, value) + whole(20, 3)
    return part(1, name) + b"".join(whole(8, each) for each in value) + whole(20, 7)


def value_info(name: str, shape: Sequence[int | str]) -> bytes:
    """Return an input or output of float32; a size that is not fixed has a name."""
    sizes = b"".join(part(1, whole(1, size) if isinstance(size, int) else part(2, size)) for size in shape)
    return part(1, name) + part(2, part(1, whole(1, 1) + part(2, sizes)))


@dataclass
class Graph:
    """A network being built: nodes and constant arrays, in the order in which they were added."""

    nodes: list[bytes] = field(default_factory=list)
    arrays: list[bytes] = field(default_factory=list)

    def constant(self, name: str, array: np.ndarray) -> str:
        """Add an array and return its name."""
        sizes = b"".join(whole(1, size) for size in array.shape)
        kind = whole(2, KINDS[array.dtype.name])
        self.arrays.append(sizes + kind + part(8, name) + part(9, np.ascontiguousarray(array).tobytes()))
        return name

    def node(
        self,
        kind: str,
        inputs: Sequence[str],
        output: str,
        *,
        extra: bool = False,
        also: Sequence[str] = (),
        **values: float | str | Sequence[int],
    ) -> str:
        """Add a node and return the name of its (first) output."""
        self.nodes.append(
            b"".join(part(1, each) for each in inputs)
            + b"".join(part(2, each) for each in (output, *also))
            + part(4, kind)
            + b"".join(part(5, attribute(name, value)) for name, value in values.items())
            + (part(7, EXTRA) if extra else b"")
        )
        return output

    def model(self, inputs: Sequence[bytes], outputs: Sequence[bytes]) -> bytes:
        """Return the whole as the bytes of an ONNX file."""
        graph = (
            b"".join(part(1, node) for node in self.nodes)
            + part(2, "cjtools")
            + b"".join(part(5, array) for array in self.arrays)
            + b"".join(part(11, each) for each in inputs)
            + b"".join(part(12, each) for each in outputs)
        )
        versions = part(8, part(1, "") + whole(2, 17)) + part(8, part(1, EXTRA) + whole(2, 1))
        return whole(1, 8) + part(2, "cjtools") + part(7, graph) + versions
