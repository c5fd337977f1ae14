"""The QR code of the anchor or the ledger's head, and its short form to copy by hand."""

import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.panels.lines import size_within
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter

_QR_MODULES = 33
"""Side of a QR code of 77 characters (version 3, 29 modules) with a border of two light modules."""
_QR_SMALLEST = 2 * _QR_MODULES
"""Below this size in pixels phones cannot read the code, and only the short form is shown."""

_SMALLEST = 8
"""Nominal size of text that an auditor can still copy down."""


def proof_panel(
    layout: Layout, theme: Theme, fonts: Typesetter, text: str, *, short: str, label: str
) -> pygame.Surface:
    """Return a QR code of the whole text, and its short form to copy down.

    Args:
        layout: of the screen.
        theme: colours.
        fonts: for the short form.
        text: one or two words and 64 hex digits.
        short: the same digest as 26 characters and a check character, in groups with hyphens.
        label: what it is.
    """
    box = layout.proof
    panel = pygame.Surface(box.size, pygame.SRCALPHA, 32)
    left = 0
    scale = box.h // _QR_MODULES
    if scale * _QR_MODULES >= _QR_SMALLEST:
        code = _qr_code(text, scale)
        panel.blit(code, (0, (box.h - code.get_height()) // 2))
        left = code.get_width() + layout.px(10)
    room = box.w - left
    labels = [label] if fonts.width(label, _SMALLEST) <= room else label.split(maxsplit=1)
    lines = [*labels, *short.split("-")]
    pitch = box.h / len(lines)
    for number, line in enumerate(lines):
        colour = theme.text if number >= len(labels) else theme.text_quiet
        size = size_within(fonts, line, room, largest=max(9, round(pitch * 0.8)), least=_SMALLEST)
        drawn = fonts.fit(line, size, colour, room)
        panel.blit(drawn, (left, round(number * pitch + (pitch - drawn.get_height()) / 2)))
    return panel


def _qr_code(text: str, scale: int) -> pygame.Surface:
    """Return the QR code of `text`, dark on white, with its quiet zone; a module is `scale` pixels wide."""
    from qrcodegen import QrCode  # noqa: PLC0415 - only needed once a code is shown

    found = QrCode.encode_text(text.upper(), QrCode.Ecc.LOW)
    size = found.get_size()
    margin = max(2, (_QR_MODULES - size) // 2)
    code = pygame.Surface((size + 2 * margin, size + 2 * margin), 0, 32)
    code.fill((255, 255, 255))
    for y in range(size):
        for x in range(size):
            if found.get_module(x, y):
                code.set_at((x + margin, y + margin), (0, 0, 0))
    return pygame.transform.scale_by(code, scale)
