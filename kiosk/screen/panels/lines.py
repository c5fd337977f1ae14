"""Helpers for panels that hold lines of text."""

import unicodedata

import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.typography.typesetter import ELLIPSIS, Typesetter, line_height, unbroken_parts


def fit_lines_or_cut(
    fonts: Typesetter, text: str, *, width: int, height: int, largest: int, smallest: int, most: int, at_last: int = 0
) -> tuple[int, list[str]]:
    """Break `text` like `Typesetter.fit_lines`; empty text has no lines, a text that does not fit an ellipsis.

    A text that would be cut is set as small as `at_last`, on one line more.
    """
    if not text:
        return smallest, []
    size, lines = fonts.fit_lines(text, width=width, height=height, largest=largest, smallest=smallest, most=most)
    whole = _letters("".join(lines)) == _letters(text)
    fits = (
        whole and len(lines) * line_height(size) <= height and all(fonts.width(line, size) <= width for line in lines)
    )
    if not fits and at_last:
        return fit_lines_or_cut(
            fonts, text, width=width, height=height, largest=smallest, smallest=at_last, most=most + 1
        )
    if not whole:
        lines[-1] += ELLIPSIS
    return size, lines


def _letters(text: str) -> str:
    return text.replace(" ", "").replace("\u00a0", "")


def unbroken_size(fonts: Typesetter, text: str, width: int, *, largest: int, least: int) -> int:
    """Return the largest size at which no word of `text` is broken; East Asian text can break anywhere."""
    words = [
        word
        for _, word in unbroken_parts(text)
        if any(unicodedata.east_asian_width(letter) not in "WF" for letter in word)
    ]
    size = largest
    while size > least and any(fonts.width(word, size) > width for word in words):
        size = max(least, size * 9 // 10)
    return size


def size_within(fonts: Typesetter, text: str, width: int, *, largest: int, least: int) -> int:
    """Return the largest size from `largest` down to `least` at which `text` fits into `width`, or `least`."""
    needed = fonts.width(text, largest)
    if needed <= width:
        return largest
    # Each size that is measured is set in the font, which is slow: begin just above the one that will do.
    size = max(least, min(largest - 1, largest * width // needed + 2))
    while size > least and fonts.width(text, size) > width:
        size -= 1
    return size


def place_line(panel: pygame.Surface, label: pygame.Surface, layout: Layout, y: int, room: int) -> None:
    """Blit a line: where lines begin in landscape, centred in portrait."""
    panel.blit(label, (layout.start(label.get_width(), room), y))
