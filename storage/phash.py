"""The perceptual hash: 64 bits that stay nearly the same when a picture is scaled, or saved anew.

As `imagehash.phash` defines it: 32 by 32 greys, their cosine transform, the 8 by 8 slowest waves, and a bit
for each that is above the median. No Django and no NumPy; a test compares it with imagehash, bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi

SIDE = 32
LOW = 8
BITS = LOW * LOW
_EXACT = 6
"""Decimals that are compared: beyond them stands only what rounding left, and zero must be zero."""


def _waves(length: int, wanted: int) -> list[list[float]]:
    return [
        [2 * cos(pi * wave * (2 * place + 1) / (2 * length)) for place in range(length // 2)]
        for wave in range(1, wanted, 2)
    ]


_ODD = {SIDE >> fold: _waves(SIDE >> fold, LOW >> fold) for fold in range(3)}


def _slowest(values: Sequence[float], wanted: int = LOW) -> list[float]:
    """The first `wanted` values of the cosine transform (DCT-II), twice as large as its sum, as SciPy has it.

    A wave of even number is the same from both ends: such waves are those of half the length over the sums of
    both ends. What is equal cancels out exactly, so even pictures have exact zeros.
    """
    if wanted == 1:
        return [2.0 * sum(values)]
    half = len(values) // 2
    ends = values[: half - 1 : -1]
    sums = [first + last for first, last in zip(values, ends, strict=False)]
    rests = [first - last for first, last in zip(values, ends, strict=False)]
    even = _slowest(sums, wanted // 2)
    odd = [sum(map(float.__mul__, wave, rests)) for wave in _ODD[len(values)]]
    return [value for pair in zip(even, odd, strict=True) for value in pair]


def phash(greys: bytes) -> int:
    """The hash of 32 by 32 greys, row by row, the first bit the highest."""
    if len(greys) != SIDE * SIDE:
        raise ValueError("a perceptual hash is made of 32 by 32 greys")
    numbers = [float(grey) for grey in greys]
    columns = [_slowest(numbers[column::SIDE]) for column in range(SIDE)]
    rows = [_slowest([column[row] for column in columns]) for row in range(LOW)]
    waves = [round(value, _EXACT) for row in rows for value in row]
    ordered = sorted(waves)
    median = (ordered[BITS // 2 - 1] + ordered[BITS // 2]) / 2
    return int("".join("1" if wave > median else "0" for wave in waves), 2)


def distance(one: int, other: int, *, inverted: bool = False) -> int:
    """How many of the 64 bits differ: up to 6 the same picture, up to 12 a relative.

    With `inverted` a picture and its negative are the same: the white and the black logo of one title.
    """
    differing = (one ^ other).bit_count()
    return min(differing, BITS - differing) if inverted else differing
