"""The small encoder as torch trains it; `cjtools/text/encoders/small.py` is the same in numpy and whole numbers."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

PAD = 0  # the row of nothing: kept at zero


@dataclass(frozen=True)
class Shape:
    """The sizes of the network."""

    width: int = 192
    blocks: int = 2
    reach: int = 5
    size: int = 256


class Rounded(nn.Linear):
    """A linear layer that sees its weights as they will be shipped: 8 bits, one scale for each column out."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the layer's values with rounded weights; gradients pass as if they were not rounded."""
        scale = self.weight.abs().amax(dim=1, keepdim=True).clamp(min=1e-8) / 127
        weight = self.weight + ((self.weight / scale).round() * scale - self.weight).detach()
        return nn.functional.linear(x, weight, self.bias)


class Block(nn.Module):
    """Neighbours are summed column by column, then a gate opens or closes each column, added to what was there."""

    def __init__(self, shape: Shape) -> None:
        """Take the sizes; at first a place sees itself and a little of the others."""
        super().__init__()
        self.near = nn.Parameter(torch.zeros(shape.reach, shape.width))
        nn.init.normal_(self.near, std=0.2)
        with torch.no_grad():
            self.near[shape.reach // 2] += 1
        self.mix = Rounded(shape.width, 2 * shape.width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return (texts, tokens, width) after the block; places without a token stay zero."""
        half = len(self.near) // 2
        padded = nn.functional.pad(x, (0, 0, half, half))
        seen = sum(padded[:, place : place + x.shape[1]] * weight for place, weight in enumerate(self.near))
        value, gate = self.mix(seen).chunk(2, dim=-1)
        return (x + value * nn.functional.hardsigmoid(gate)) * mask


class Student(nn.Module):
    """Pieces to one vector a text."""

    def __init__(self, shape: Shape, start: Tensor) -> None:
        """Take the sizes and the first values of the table of pieces (pieces + 1, width), row 0 zero."""
        super().__init__()
        self.table = nn.Embedding.from_pretrained(start.clone(), freeze=False, padding_idx=PAD)
        self.weight = nn.Embedding.from_pretrained(torch.ones(len(start), 1), freeze=False)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.blocks))
        self.last = Rounded(2 * shape.width, shape.size)
        self.drop = nn.Dropout(0.1)

    def forward(self, pieces: Tensor) -> Tensor:
        """Return one row a text, not yet of length 1."""
        mask = (pieces != PAD).unsqueeze(-1).float()
        x = self.table(pieces) * mask
        weight = self.weight(pieces).clamp(min=0) * mask
        for block in self.blocks:
            x = block(x, mask)
        mean = (x * weight).sum(1) / weight.sum(1).clamp(min=0.1)
        high = x.masked_fill(mask == 0, -1e4).amax(1)
        return self.last(self.drop(torch.cat([mean, high], dim=1)))
