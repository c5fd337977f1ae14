"""The status line: facts about the list, and the most important notice."""

import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.themes.colours import mix
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter


def status_panel(
    layout: Layout, theme: Theme, fonts: Typesetter, parts: tuple[str, ...], notices: tuple[str, ...]
) -> pygame.Surface:
    """Return the status line: facts on the left; the most important notice on the right, or above if there is room."""
    box = layout.status
    panel = pygame.Surface(box.size, pygame.SRCALPHA, 32)
    if not any(layout.inset):  # a bar that ends before the edge of the screen would look like a mistake
        panel.fill(mix(theme.ground, theme.panel, 0.5))
    size, margin = max(11, round(layout.status_line * 0.62)), layout.px(28)
    room = box.w - 2 * margin
    apart = notices and parts and box.h > layout.status_line  # one line each, if there is room for two
    facts, notice = (box.h * 27 // 100, box.h * 73 // 100) if apart else (box.h // 2, box.h // 2)
    if notices:
        text = notices[0] if len(notices) == 1 else f"{notices[0]}  (+{len(notices) - 1})"
        label = fonts.fit(text, size, theme.notice, room if apart or not parts else round(room * 0.62))
        if apart:
            panel.blit(label, label.get_rect(midleft=(margin, notice)))
        else:
            panel.blit(label, label.get_rect(midright=(box.w - margin, notice)))
            room -= label.get_width() + margin
    label = fonts.fit("   ·   ".join(parts), size, theme.text_quiet, max(1, room))
    panel.blit(label, label.get_rect(midleft=(margin, facts)))
    return panel
