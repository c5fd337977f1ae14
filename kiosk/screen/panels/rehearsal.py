"""The word REHEARSAL, striped and large, where nobody can miss it."""

import math

import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.panels.lines import fit_lines_or_cut
from kiosk.screen.themes.colours import readable_on
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter, line_height

_INK = (16, 18, 28)
_SHARE = 0.72
"""Size of the word, as a part of the height of its plate."""


def rehearsal_plate(
    layout: Layout, theme: Theme, fonts: Typesetter, text: str, size: tuple[int, int]
) -> pygame.Surface:
    """Return a plate with hazard stripes at both ends and the word between them."""
    width, height = size
    plate = pygame.Surface(size, 0, 32)
    plate.fill(theme.notice)
    most = max(8, round(height * _SHARE))
    while most > 8 and fonts.width(text, most) > width * 0.7:
        most -= 1
    label = fonts.render(text, most, readable_on(theme.notice))
    room = (width - label.get_width()) // 2 - layout.px(16)
    step = max(8, height // 2)
    for left in range(-height, max(0, room), 2 * step):
        corners = [(left, height), (left + step, height), (left + step + height, 0), (left + height, 0)]
        pygame.draw.polygon(plate, _INK, corners)
        pygame.draw.polygon(plate, _INK, [(width - x, y) for x, y in corners])
    middle = pygame.Rect(0, 0, width - 2 * room, height)
    middle.centerx = width // 2
    plate.fill(theme.notice, middle)
    plate.blit(label, label.get_rect(center=(width // 2, height // 2)))
    return plate


def rehearsal_title(
    layout: Layout, theme: Theme, fonts: Typesetter, box: pygame.Rect, *, title: str, text: str
) -> pygame.Surface:
    """Return what stands in place of the title: the plate, and the title below it."""
    panel = pygame.Surface(box.size, pygame.SRCALPHA, 32)
    room = min(round(box.h * 0.56), box.h - math.ceil(layout.least / _SHARE))
    size, lines = fit_lines_or_cut(
        fonts,
        title,
        width=box.w,
        height=room,
        largest=layout.text(40),
        smallest=layout.least,
        most=1,
        at_last=layout.least_of_long,
    )
    high = box.h - max(1, len(lines)) * line_height(size)
    panel.blit(rehearsal_plate(layout, theme, fonts, text, (box.w, high)), (0, 0))
    for number, line in enumerate(lines):
        label = fonts.fit(line, size, theme.text, box.w)
        panel.blit(label, (layout.start(label.get_width(), box.w), high + number * line_height(size)))
    return panel
