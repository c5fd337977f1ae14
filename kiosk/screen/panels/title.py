"""The list's title, the logo beside it, and the banner below it."""

import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.panels.lines import fit_lines_or_cut, size_within
from kiosk.screen.themes.colours import readable_on
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter, line_height


def title_panel(
    layout: Layout, theme: Theme, fonts: Typesetter, logo: pygame.Surface | None, *, text: str, banner: str
) -> pygame.Surface:
    """Return the list's title, with the logo and the banner if there are any."""
    box = layout.title
    panel = pygame.Surface(box.size, pygame.SRCALPHA, 32)
    room, left = box.w, 0
    if logo is not None:
        scale = min(box.h / logo.get_height(), box.w * 0.3 / logo.get_width())
        shown = (max(1, round(logo.get_width() * scale)), max(1, round(logo.get_height() * scale)))
        small = pygame.transform.smoothscale(logo, shown)
        panel.blit(small, (0 if layout.mirrored else box.w - small.get_width(), (box.h - small.get_height()) // 2))
        room -= small.get_width() + layout.px(24)
        left = small.get_width() + layout.px(24) if layout.mirrored else 0
    share = 0.52 if banner else 1.0
    size, lines = fit_lines_or_cut(
        fonts,
        text,
        width=room,
        height=round(box.h * share),
        largest=layout.text(64),
        smallest=layout.least,
        most=2,
        at_last=layout.least_of_long,
    )
    y = 0 if banner else (box.h - len(lines) * line_height(size)) // 2
    for line in lines:
        label = fonts.fit(line, size, theme.text, room)
        panel.blit(label, (left + layout.start(label.get_width(), room), y))
        y += line_height(size)
    if banner:
        size = max(layout.least, min(layout.text(38), round(box.h * 0.3)))
        size = size_within(fonts, banner, room - layout.px(36), largest=size, least=layout.least_of_long)
        label = fonts.fit(banner, size, readable_on(theme.notice), room - layout.px(36))
        plate = pygame.Rect(0, 0, label.get_width() + layout.px(36), line_height(size) + layout.px(6))
        plate.bottom = box.h
        plate.left = left + layout.start(plate.w, room)
        pygame.draw.rect(panel, theme.notice, plate, border_radius=layout.px(10))
        panel.blit(label, label.get_rect(center=plate.center))
    return panel
