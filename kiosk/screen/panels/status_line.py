"""The status line: how many people, small the code for auditors, and what the operator should know."""

import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.panels.lines import size_within
from kiosk.screen.themes.colours import mix
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter

_CODE = 0.62
"""Size of the code for auditors, as a part of the size of the other words."""


def status_panel(
    layout: Layout, theme: Theme, fonts: Typesetter, parts: tuple[str, ...], notices: tuple[str, ...]
) -> pygame.Surface:
    """Return the status line: facts where lines begin, notices at the other end, or above if there are two lines.

    Facts that do not fit beside a notice are left out while it stands, the code for auditors first.
    """
    box, margin = layout.status, layout.px(28)
    panel = pygame.Surface(box.size, pygame.SRCALPHA, 32)
    if not any(layout.inset):  # a bar that ends before the edge of the screen would look like a mistake
        panel.fill(mix(theme.ground, theme.panel, 0.5))
    size, room = max(layout.least, round(layout.status_line * 0.62)), box.w - 2 * margin

    def place(label: pygame.Surface, start: int, middle: int) -> None:
        left = box.w - start - label.get_width() if layout.mirrored else start
        panel.blit(label, label.get_rect(midleft=(left, middle)))

    apart = bool(notices and parts) and box.h > layout.status_line
    facts, above = (box.h * 73 // 100, box.h * 27 // 100) if apart else (box.h // 2, box.h // 2)
    if notices:
        text = notices[0] if len(notices) == 1 else f"{notices[0]} (+{len(notices) - 1})"
        beside = room * 7 // 10
        if apart or fonts.width(text, layout.least_of_long) > beside:
            beside = room
        label = fonts.fit(
            text,
            size_within(fonts, text, beside, largest=size, least=layout.least_of_long),
            theme.notice,
            beside,
        )
        place(label, margin if apart else box.w - margin - label.get_width(), above)
        room -= 0 if apart else label.get_width() + margin
    start = margin
    for number, part in enumerate(parts):
        height = round(size * _CODE) if number else size
        gap = margin if number else 0
        if fonts.width(part, height) + gap > room:
            break
        label = fonts.render(part, height, theme.text_quiet)
        place(label, start + gap, facts)
        start += gap + label.get_width()
        room -= gap + label.get_width()
    return panel
