"""The curtain: the title of the event and the logo, and nothing else."""

import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.panels.lines import fit_lines_or_cut
from kiosk.screen.panels.rehearsal import rehearsal_plate
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter, line_height


def curtain_panel(
    layout: Layout, theme: Theme, fonts: Typesetter, logo: pygame.Surface | None, *, title: str, rehearsal: str
) -> pygame.Surface:
    """Return the curtain; it covers the screen."""
    (width, height), safe = layout.size, layout.safe
    panel = pygame.Surface(layout.size, pygame.SRCALPHA, 32)
    panel.fill(theme.ground, (0, 0, width, layout.footer.y if layout.footer.h else height))
    large, lines = fit_lines_or_cut(
        fonts,
        title,
        width=round(safe.w * 0.86),
        height=round(safe.h * 0.45),
        largest=layout.text(150),
        smallest=layout.least_name,
        most=3,
    )
    shown = None
    if logo is not None:
        scale = min(safe.w * 0.5 / logo.get_width(), safe.h * 0.32 / logo.get_height())
        shown = pygame.transform.smoothscale(
            logo, (max(1, round(logo.get_width() * scale)), max(1, round(logo.get_height() * scale)))
        )
    gap = layout.px(50) if shown is not None else 0
    tall = len(lines) * line_height(large) + (shown.get_height() + gap if shown is not None else 0)
    y = (height - tall) // 2
    if shown is not None:
        panel.blit(shown, shown.get_rect(midtop=(width // 2, y)))
        y += shown.get_height() + gap
    for line in lines:
        label = fonts.fit(line, large, theme.text, round(safe.w * 0.9))
        panel.blit(label, label.get_rect(midtop=(width // 2, y)))
        y += line_height(large)
    pygame.draw.rect(
        panel, theme.accent, pygame.Rect(width // 2 - layout.px(90), y + layout.px(20), layout.px(180), layout.px(6))
    )
    if rehearsal:
        panel.blit(rehearsal_plate(layout, theme, fonts, rehearsal, (safe.w, layout.px(110))), safe.topleft)
    return panel
