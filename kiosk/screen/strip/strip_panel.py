"""The background of the pointer strip."""

import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.panels.result_card import BAND_LINE, CORNER
from kiosk.screen.themes.theme import Theme


def strip_panel(layout: Layout, theme: Theme) -> pygame.Surface:
    """Return the strip's background, with a bright band at the pointer."""
    size = layout.strip.size
    panel = pygame.Surface(size, pygame.SRCALPHA, 32)
    pygame.draw.rect(panel, (*theme.panel, 190), panel.get_rect(), border_radius=layout.px(CORNER))
    band, line = layout.band_box.move(-layout.strip.x, -layout.strip.y), layout.px(BAND_LINE)
    pygame.draw.rect(panel, (*theme.band, 255), band)
    for y in (band.top, band.bottom - line):
        pygame.draw.rect(panel, theme.accent, pygame.Rect(0, y, band.w, line))
    return panel
