"""The status line: how many people, small the code for auditors, and what the operator should know."""

import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.themes.colours import mix
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter

_CODE = 0.62
"""Size of the code for auditors, as a part of the size of the other words."""


def status_panel(
    layout: Layout, theme: Theme, fonts: Typesetter, parts: tuple[str, ...], notices: tuple[str, ...]
) -> pygame.Surface:
    """Return the status line: facts where lines begin, notices at the other end, or above if there are two lines.

    Where they do not fit beside each other, the code for auditors is left out: it is in the diagnostics too.
    """
    box, margin = layout.status, layout.px(28)
    panel = pygame.Surface(box.size, 0, 32)
    panel.fill(mix(theme.ground, theme.panel, 0.5))
    size, room = max(layout.least, round(layout.status_line * 0.62)), box.w - 2 * margin

    def place(label: pygame.Surface, start: int, middle: int) -> None:
        left = box.w - start - label.get_width() if layout.mirrored else start
        panel.blit(label, label.get_rect(midleft=(left, middle)))

    apart = bool(notices and parts) and box.h > layout.status_line
    facts, above = (box.h * 73 // 100, box.h * 27 // 100) if apart else (box.h // 2, box.h // 2)
    if notices:
        text = notices[0] if len(notices) == 1 else f"{notices[0]} (+{len(notices) - 1})"
        size_of_notice = _fitting(fonts, text, size, room if apart else room * 7 // 10, layout.least_of_long)
        label = fonts.fit(text, size_of_notice, theme.notice, room if apart else room * 7 // 10)
        place(label, margin if apart else box.w - margin - label.get_width(), above)
        room -= 0 if apart else label.get_width() + margin
    start = margin
    for number, part in enumerate(parts):
        height = round(size * _CODE) if number else size
        gap = margin if number else 0
        if number and fonts.width(part, height) + gap > room:
            break
        label = fonts.fit(part, height, theme.text_quiet, max(1, room - gap))
        place(label, start + gap, facts)
        start += gap + label.get_width()
        room -= gap + label.get_width()
    return panel


def _fitting(fonts: Typesetter, text: str, largest: int, width: int, least: int) -> int:
    size = largest
    while size > least and fonts.width(text, size) > width:
        size -= 1
    return size
