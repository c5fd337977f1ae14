"""Sets the large name of the strip whole: smaller, then on two lines, and never cut."""

import pygame

from kiosk.screen.themes.colours import Colour
from kiosk.screen.typography.typesetter import Typesetter, line_height

_LEAST_ON_ONE_LINE = 0.7
"""A name gets smaller by that much before it takes two lines."""
_LEAST_AT_SPACES = 0.42
"""And by that much before it is broken anywhere but at a space."""
_PITCH = 1.02
"""Distance of two lines as a part of the size: the tallest scripts overlap a little, capitals never."""


def name_block(
    fonts: Typesetter, text: str, colour: Colour, *, width: int, height: int, largest: int, centred: bool = False
) -> pygame.Surface:
    """Return all of `text` on a clear surface, within `width` and about `height` pixels; `centred` is for its lines."""
    least = round(largest * _LEAST_ON_ONE_LINE)
    if fonts.width(text, least) <= width:
        return fonts.render(text, _fitting(fonts, [text], width, largest, least), colour)
    pair = min(_halves(text), key=lambda lines: max(fonts.width(line, least) for line in lines), default=[text])
    roof = min(largest, round(height * 0.94 / (2 * _PITCH)))
    size = _fitting(fonts, pair, width, roof, round(largest * _LEAST_AT_SPACES))
    if len(pair) < 2 or max(fonts.width(line, size) for line in pair) > width:
        size, pair = fonts.fit_lines(
            text, width=width, height=2 * line_height(roof), largest=roof, smallest=max(8, roof // 3), most=2
        )
    lines = [fonts.render(line, size, colour) for line in pair]
    pitch = round(size * _PITCH)
    widest = max(line.get_width() for line in lines)
    block = pygame.Surface((widest, line_height(size) + pitch * (len(lines) - 1)), pygame.SRCALPHA, 32)
    for number, line in enumerate(lines):
        block.blit(line, ((widest - line.get_width()) // 2 if centred else 0, number * pitch))
    if widest > width:  # hundreds of letters: whole all the same
        block = pygame.transform.smoothscale(block, (width, max(1, block.get_height() * width // widest)))
    return block


def _halves(text: str) -> list[list[str]]:
    """Return each way to break `text` into two lines at a space."""
    words = text.split(" ")
    return [[" ".join(words[:end]), " ".join(words[end:])] for end in range(1, len(words))]


def _fitting(fonts: Typesetter, lines: list[str], width: int, largest: int, least: int) -> int:
    """Return the largest size from `largest` down to `least` at which all lines fit, or `least`."""
    size = largest
    while size > least and max(fonts.width(line, size) for line in lines) > width:
        size = max(least, min(size - 1, size * 24 // 25))
    return size
