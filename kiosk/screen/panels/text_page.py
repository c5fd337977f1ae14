"""A page of labels and values that covers the screen, for diagnostics."""

import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter, line_height


def page_panel(layout: Layout, theme: Theme, fonts: Typesetter, lines: tuple[tuple[str, str], ...]) -> pygame.Surface:
    """Return a page that covers the screen: labels on the left, values on the right."""
    panel = pygame.Surface(layout.size, pygame.SRCALPHA, 32)
    panel.fill(theme.panel)
    inner = layout.safe.inflate(-2 * layout.px(40), -2 * layout.px(40))
    size = max(11, min(layout.px(40), inner.h // (len(lines) + 1) * 100 // 135))
    room, y = inner.w, inner.y
    for what, value in lines:
        panel.blit(fonts.fit(what, size, theme.text_quiet, room // 4), (inner.x, y))
        panel.blit(fonts.fit(value, size, theme.text, room * 3 // 4), (inner.x + room // 4, y))
        y += line_height(size)
    return panel
