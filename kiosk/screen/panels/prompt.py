"""The prompt for the operator, and a line below it: the last winner, or the code of what is wrong."""

import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.panels.lines import fit_lines_or_cut, place_line
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter, line_height

_LAST = 0.26
"""Largest size of the line below, as a part of the height: on a low screen it would else be larger than the prompt."""


def prompt_panel(layout: Layout, theme: Theme, fonts: Typesetter, prompt: str, last: str) -> pygame.Surface:
    """Return the prompt, and the line below it."""
    box = layout.foot
    panel = pygame.Surface(box.size, pygame.SRCALPHA, 32)
    small, ends = fit_lines_or_cut(
        fonts,
        last,
        width=box.w,
        height=2 * line_height(layout.least),
        largest=max(layout.least, min(layout.text(32), round(box.h * _LAST))),
        smallest=layout.least,
        most=2,
        at_last=layout.least_of_long,
    )
    below = line_height(small) * len(ends)
    big, lines = _prompt_lines(layout, fonts, prompt, box.h - below)
    if ends and len(lines) * line_height(big) > box.h - below:  # what to do is more than who has won
        ends, below = [], 0
        big, lines = _prompt_lines(layout, fonts, prompt, box.h)
    y = (box.h - len(lines) * line_height(big) - below) // 2
    for line in lines:
        place_line(panel, fonts.fit(line, big, theme.accent, box.w), layout, y, box.w)
        y += line_height(big)
    for line in ends:
        place_line(panel, fonts.fit(line, small, theme.text_quiet, box.w), layout, y, box.w)
        y += line_height(small)
    return panel


def _prompt_lines(layout: Layout, fonts: Typesetter, prompt: str, height: int) -> tuple[int, list[str]]:
    return fit_lines_or_cut(
        fonts,
        prompt,
        width=layout.foot.w,
        height=height,
        largest=layout.text(46),
        smallest=layout.least,
        most=3,
        at_last=layout.least_of_long,
    )
