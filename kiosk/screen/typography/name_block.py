"""Sets the large name of the strip whole: smaller, then on two or three lines, and never cut."""

from collections.abc import Callable
from itertools import combinations, pairwise
from typing import NamedTuple

import pygame

from kiosk.screen.themes.colours import Colour
from kiosk.screen.typography.typesetter import Typesetter, line_height

_LEAST_ON_ONE_LINE = 0.7
"""A name gets smaller by that much before it takes two lines."""
_PITCH = 1.02
"""Distance of two lines as a part of the size: the tallest scripts overlap a little, capitals never."""
_MOST_LINES = 3


class NameLine(NamedTuple):
    """A line of a name, and where its corner is in the block."""

    text: str
    label: pygame.Surface
    at: tuple[int, int]


class NameLines(NamedTuple):
    """The lines of a name, and the size of the block that they make."""

    lines: list[NameLine]
    size: tuple[int, int]


def name_block(
    fonts: Typesetter,
    text: str,
    colour: Colour,
    *,
    width: int,
    height: int,
    largest: int,
    least: int,
    align: Callable[[int, int], int] | None = None,
) -> pygame.Surface:
    """Return all of `text` on a clear surface; see `name_lines`."""
    lines, size = name_lines(fonts, text, colour, width=width, height=height, largest=largest, least=least, align=align)
    block = pygame.Surface(size, pygame.SRCALPHA, 32)
    for line in lines:
        block.blit(line.label, line.at)
    return block


def name_lines(
    fonts: Typesetter,
    text: str,
    colour: Colour,
    *,
    width: int,
    height: int,
    largest: int,
    least: int,
    align: Callable[[int, int], int] | None = None,
) -> NameLines:
    """Set all of `text` within `width` and about `height` pixels.

    Args:
        fonts: for the words.
        text: the name.
        colour: of the name.
        width: of the room, in pixels.
        height: likewise.
        largest: nominal size that it has if there is room.
        least: below it only a name that would not fit otherwise, broken anywhere on several lines.
        align: says where a line of a width begins in a room, for several lines; at the left without it.
    """
    size, lines = _set(fonts, text, width=width, height=height, largest=largest, least=least)
    labels = [fonts.render(line, size, colour) for line in lines]
    pitch = round(size * _PITCH)
    widest = max(label.get_width() for label in labels)
    tall = line_height(size) + pitch * (len(labels) - 1)
    lefts = [align(label.get_width(), widest) if align is not None else 0 for label in labels]
    if widest <= width:
        corners = [(left, number * pitch) for number, left in enumerate(lefts)]
        return NameLines([NameLine(*line) for line in zip(lines, labels, corners, strict=True)], (widest, tall))

    def fit(length: int) -> int:  # hundreds of letters: whole all the same
        return length * width // widest

    labels = [
        pygame.transform.smoothscale(label, (max(1, fit(label.get_width())), max(1, fit(label.get_height()))))
        for label in labels
    ]
    corners = [(fit(left), fit(number * pitch)) for number, left in enumerate(lefts)]
    return NameLines([NameLine(*line) for line in zip(lines, labels, corners, strict=True)], (width, max(1, fit(tall))))


def name_size(fonts: Typesetter, text: str, *, width: int, height: int, largest: int, least: int) -> int:
    """Return the nominal size that `name_block` gives the name."""
    size, lines = _set(fonts, text, width=width, height=height, largest=largest, least=least)
    widest = max(fonts.width(line, size) for line in lines)
    return size if widest <= width else size * width // widest


def _set(fonts: Typesetter, text: str, *, width: int, height: int, largest: int, least: int) -> tuple[int, list[str]]:
    least_of_line = max(min(least, largest), round(largest * _LEAST_ON_ONE_LINE))
    if fonts.width(text, least_of_line) <= width:
        return _fitting(fonts, [text], width, largest, least_of_line), [text]
    return _lines(fonts, text, width=width, height=height, largest=largest, least=least)


def _lines(fonts: Typesetter, text: str, *, width: int, height: int, largest: int, least: int) -> tuple[int, list[str]]:
    """Return the size and the lines: broken at spaces where that can be read, else anywhere."""
    words = text.split(" ")
    roofs = {count: min(largest, round(height * 0.94 / (count * _PITCH))) for count in range(2, _MOST_LINES + 1)}
    least = min(least, roofs[2])
    readable = [(count, roof) for count, roof in roofs.items() if roof >= least]
    for count, roof in readable:
        if count <= len(words):
            lines = min(_splits(words, count), key=lambda lines: max(fonts.width(line, least) for line in lines))
            size = _fitting(fonts, lines, width, roof, least)
            if max(fonts.width(line, size) for line in lines) <= width:
                return size, lines
    for count, roof in readable:
        size, lines = fonts.fit_lines(
            text, width=width, height=count * line_height(roof), largest=roof, smallest=least, most=count
        )
        if max(fonts.width(line, size) for line in lines) <= width:
            return size, lines
    return fonts.fit_lines(
        text, width=width, height=2 * line_height(roofs[2]), largest=roofs[2], smallest=max(8, roofs[2] // 3), most=2
    )


def _splits(words: list[str], count: int) -> list[list[str]]:
    """Return each way to put the words on that many lines."""
    return [
        [" ".join(words[begin:end]) for begin, end in pairwise((0, *ends, len(words)))]
        for ends in combinations(range(1, len(words)), count - 1)
    ]


def _fitting(fonts: Typesetter, lines: list[str], width: int, largest: int, least: int) -> int:
    """Return the largest size from `largest` down to `least` at which all lines fit, or `least`."""
    size = largest
    while size > least and max(fonts.width(line, size) for line in lines) > width:
        size = max(least, min(size - 1, size * 24 // 25))
    return size
