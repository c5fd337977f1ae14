"""The QR code of the anchor or the ledger's head, and its short form to copy by hand."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.panels.lines import size_within
from kiosk.screen.regions import Region
from kiosk.screen.scene import Scene
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.typesetter import Typesetter

_QR_MODULES = 33
"""Side of a QR code of 77 characters (version 3, 29 modules) with a border of two light modules."""
_QR_SMALLEST = 2 * _QR_MODULES
"""Below this size in pixels phones cannot read the code, and only the short form is shown."""

_SMALLEST = 8
"""Nominal size of text that an auditor can still copy down."""

_Modules = Sequence[Sequence[bool]]
"""Rows of a QR code without its quiet zone; true is dark."""


class ProofPanel:
    """Shows the code; it is made on a thread of its own, for it takes 20 ms, longer than a frame.

    Args:
        layout: of the screen.
        theme: colours.
        fonts: for the short form.
    """

    def __init__(self, layout: Layout, theme: Theme, fonts: Typesetter) -> None:
        self._layout = layout
        self._theme = theme
        self._fonts = fonts
        scale = layout.proof.h // _QR_MODULES
        self._scale = scale if scale * _QR_MODULES >= _QR_SMALLEST else 0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="codes")
        self._code: tuple[str, Future[_Modules]] | None = None

    def region(self, scene: Scene) -> Region:
        """Return the region of the code of a scene that has one; it is ready once the code is made."""
        text, short, label = scene.proof, scene.proof_short, scene.proof_label
        return Region(
            self._layout.proof,
            text,
            lambda: self._paint(text, short=short, label=label),
            ready=lambda: not self._scale or self._made(text).done(),
        )

    def close(self) -> None:
        """Stop the thread."""
        self._thread.shutdown(cancel_futures=True)

    def _made(self, text: str) -> "Future[_Modules]":
        """Begin the code of a text, unless that was done.

        Args:
            text: one or two words and 64 hex digits.
        """
        if self._code is None or self._code[0] != text:
            self._code = (text, self._thread.submit(_modules, text))
        return self._code[1]

    def _paint(self, text: str, *, short: str, label: str) -> pygame.Surface:
        """Return the code, and its short form to copy down.

        Args:
            text: that the code holds.
            short: the same digest as 26 characters and a check character, in groups with hyphens.
            label: what it is.
        """
        box, theme, fonts = self._layout.proof, self._theme, self._fonts
        panel = pygame.Surface(box.size, pygame.SRCALPHA, 32)
        left = 0
        if self._scale:
            code = _painted(self._made(text).result(), self._scale)
            panel.blit(code, (0, (box.h - code.get_height()) // 2))
            left = code.get_width() + self._layout.px(10)
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


def _modules(text: str) -> _Modules:
    from qrcodegen import QrCode  # noqa: PLC0415 - only needed once a code is shown

    found = QrCode.encode_text(text.upper(), QrCode.Ecc.LOW)
    side = range(found.get_size())
    return [[found.get_module(x, y) for x in side] for y in side]


def _painted(modules: _Modules, scale: int) -> pygame.Surface:
    """Return a QR code, dark on white, with its quiet zone; a module is `scale` pixels wide."""
    size = len(modules)
    margin = max(2, (_QR_MODULES - size) // 2)
    code = pygame.Surface((size + 2 * margin, size + 2 * margin), 0, 32)
    code.fill((255, 255, 255))
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            if dark:
                code.set_at((x + margin, y + margin), (0, 0, 0))
    return pygame.transform.scale_by(code, scale)
