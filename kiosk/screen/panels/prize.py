"""The prize on the idle screen: its picture, what it is, and who may win it."""

import logging
from pathlib import Path

import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.panels.lines import fit_lines_or_cut, place_line
from kiosk.screen.panels.result_card import CORNER
from kiosk.screen.scene import PrizeCard
from kiosk.screen.themes.colours import Colour
from kiosk.screen.themes.picture_file import PictureError, load_picture
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter, line_height

logger = logging.getLogger(__name__)

_CLOSEST = 0.8
"""Lines that do not fit stand closer to each other by that much."""


def prize_panel(layout: Layout, theme: Theme, fonts: Typesetter, card: PrizeCard) -> pygame.Surface:
    """Return the panel that takes the strip's place between spins."""
    box, pad = layout.strip, layout.px(40)
    panel = pygame.Surface(box.size, pygame.SRCALPHA, 32)
    pygame.draw.rect(panel, (*theme.panel, 215), panel.get_rect(), border_radius=layout.px(CORNER))
    room = pygame.Rect(0, 0, box.w, box.h).inflate(-2 * pad, -2 * layout.px(8))
    picture = _picture(card.picture)
    if picture is not None:
        room = _place_picture(panel, picture, room, layout)
    words = _words(layout, theme, fonts, card, room.size)
    used = words.get_bounding_rect()
    panel.blit(words, (room.x, room.y + (room.h - used.h) // 2 - used.y))
    return panel


def _picture(path: Path | None) -> pygame.Surface | None:
    if path is None:
        return None
    try:
        return load_picture(path)
    except PictureError as error:
        logger.warning("the prize's picture cannot be shown: %s", error)
        return None


def _place_picture(panel: pygame.Surface, picture: pygame.Surface, room: pygame.Rect, layout: Layout) -> pygame.Rect:
    """Blit the picture above the words, or beside them where the panel is low; returns the room that is left."""
    gap = layout.px(24)
    beside = layout.portrait
    most = (round(room.w * 0.42), room.h) if beside else (room.w, round(room.h * 0.42))
    scale = min(most[0] / picture.get_width(), most[1] / picture.get_height())
    size = (max(1, round(picture.get_width() * scale)), max(1, round(picture.get_height() * scale)))
    shown = pygame.transform.smoothscale(picture, size)
    if beside:
        panel.blit(shown, shown.get_rect(midleft=room.midleft))
        return pygame.Rect(room.x + size[0] + gap, room.y, room.w - size[0] - gap, room.h)
    panel.blit(shown, shown.get_rect(topleft=room.topleft))
    return pygame.Rect(room.x, room.y + size[1] + gap, room.w, room.h - size[1] - gap)


def _words(layout: Layout, theme: Theme, fonts: Typesetter, card: PrizeCard, size: tuple[int, int]) -> pygame.Surface:
    """Set the words as large as they fit: a text of ordinary length is never below the least size."""
    width, height = size
    words = pygame.Surface(size, pygame.SRCALPHA, 32)
    lines = _set(layout, theme, fonts, card, (width, height), least=layout.least)
    if sum(line_height(fitted) for _, fitted, _ in lines) > height:
        lines = _set(layout, theme, fonts, card, (width, height), least=layout.least_of_long)
    tall = sum(line_height(fitted) for _, fitted, _ in lines)
    closer = max(_CLOSEST, min(1.0, height / tall))
    y = 0.0
    for text, fitted, colour in lines:
        place_line(words, fonts.fit(text, fitted, colour, width), layout, round(y), width)
        y += line_height(fitted) * closer
    return words


def _set(
    layout: Layout, theme: Theme, fonts: Typesetter, card: PrizeCard, room: tuple[int, int], *, least: int
) -> list[tuple[str, int, Colour]]:
    """Return the lines, each with its size and colour."""
    width, height = room
    small, crown = max(least, min(layout.px(38), height // 8)), max(least, min(layout.px(34), height // 9))
    below = [(line, theme.text) for line in card.lines] + ([(card.note, theme.notice)] if card.note else [])
    parts: list[tuple[str, int, Colour]] = []
    for line, colour in below:
        fitted, lines = fit_lines_or_cut(
            fonts, line, width=width, height=3 * line_height(small), largest=small, smallest=least, most=3
        )
        parts += [(one, fitted, colour) for one in lines]
    used = line_height(crown) + sum(line_height(one) for _, one, _ in parts)
    large, lines = fit_lines_or_cut(
        fonts,
        card.title,
        width=width,
        height=max(line_height(least), height - used),
        largest=max(layout.px(104), layout.least_name),
        smallest=least,
        most=3,
    )
    return [(card.heading.upper(), crown, theme.accent), *((one, large, theme.text) for one in lines), *parts]
