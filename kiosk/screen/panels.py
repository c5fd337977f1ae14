"""The parts of the screen that stand still: ground, title, prompt, status line, result. Each is painted once.

Invariant: functions from values to surfaces; nothing here is called while nothing changes.
"""

import unicodedata
from collections.abc import Iterable, Iterator

import pygame

from kiosk.screen.layout import Layout
from kiosk.screen.scene import Outcome
from kiosk.screen.text import ELLIPSIS, Typesetter, line_height, unbroken_parts
from kiosk.screen.theme import Colour, Theme, luminance, mix, readable_on

_GLOW_STEPS = 96
_GROUND_SCALE = 8
_QR_MODULES = 33
"""Side of the QR code of 77 characters (version 3, 29 modules) with two light modules round it."""
_QR_SMALLEST = 2 * _QR_MODULES
"""Pixels below which no telephone reads it: then only the short form is shown."""


class Ground:
    """The screen's ground: a soft light behind the wheel, and the wheel's shadow.

    Kept small, and scaled up when a part of it is needed: a gradient has no detail to lose, and 8 MB at 1080p are
    better free. Scaling takes 11 ms, so what was scaled is kept until `release`.
    """

    def __init__(self, layout: Layout, theme: Theme) -> None:
        self._size = layout.size
        self._whole: pygame.Surface | None = None
        width, height = (max(2, side // _GROUND_SCALE) for side in layout.size)
        self._small = pygame.Surface((width, height), 0, 32)
        self._small.fill(theme.ground)
        centre = (layout.wheel.centerx / _GROUND_SCALE, layout.wheel.centery / _GROUND_SCALE)
        reach = max(width, height) * 0.62
        for step in range(_GLOW_STEPS):
            part = (step + 1) / _GLOW_STEPS
            colour = mix(theme.ground, theme.ground_glow, part**1.5)
            pygame.draw.circle(self._small, colour, centre, reach * (1 - part) + 1)
        self._small = pygame.transform.gaussian_blur(self._small, 3)
        shadow = pygame.Surface((width, height), 0, 32)
        shadow.fill((255, 255, 255))
        radius = layout.wheel.w / 2 / _GROUND_SCALE
        # What is a shadow in a dark hall looks like dirt on paper.
        shade = (90, 90, 100) if luminance(theme.ground_glow) < 0.18 else (176, 174, 172)
        pygame.draw.circle(shadow, shade, (centre[0], centre[1] + radius * 0.02), radius * 1.025)
        self._small.blit(pygame.transform.gaussian_blur(shadow, 3), (0, 0), special_flags=pygame.BLEND_RGB_MULT)

    def whole(self) -> pygame.Surface:
        """Return the ground of the whole screen. It is shared: to be copied, not drawn on."""
        if self._whole is None:
            self._whole = pygame.transform.smoothscale(self._small, self._size)
        return self._whole

    def under(self, box: pygame.Rect) -> pygame.Surface:
        """Return a copy of the ground of one region."""
        return self.whole().subsurface(box).copy()

    def release(self) -> None:
        """Let go of what was scaled up: the screen is drawn."""
        self._whole = None


def bezel(layout: Layout, whole: pygame.Surface) -> pygame.Surface:
    """Return what lies over the wheel's square: the ground outside of the disc, with an anti-aliased round hole."""
    side = layout.wheel.w
    cover = pygame.Surface(layout.wheel.size, pygame.SRCALPHA, 32)
    cover.blit(whole, (0, 0), layout.wheel)
    # A quarter, four times: a circle's centre is a whole pixel, and that of an even square is between two.
    quarter = pygame.Surface(((side + 1) // 2, (side + 1) // 2), pygame.SRCALPHA, 32)
    pygame.draw.aacircle(quarter, (0, 0, 0, 255), (side // 2, side // 2), side // 2 - 1)
    far = side - quarter.get_width()
    for right, low in ((False, False), (True, False), (False, True), (True, True)):
        corner = pygame.transform.flip(quarter, right, low)
        cover.blit(corner, (far * right, far * low), special_flags=pygame.BLEND_RGBA_SUB)
    return cover


def pointers(
    layout: Layout, theme: Theme, degrees: Iterable[float]
) -> Iterator[tuple[pygame.Surface, tuple[int, int]]]:
    """Yield the pointer and where its top left corner stands. It points left at the wheel, or up in portrait.

    Args:
        layout: of the screen.
        theme: colours.
        degrees: by how much the pegs push its tip in the direction in which the rim moves there, for each picture.
    """
    length, half, factor = layout.px(92), layout.px(40), 3
    wide, high = length * factor, half * 2 * factor
    # Twice as long as the pointer, so that the axis is in the middle and the picture turns round it.
    canvas = pygame.Surface((wide * 2, high * 2), pygame.SRCALPHA, 32)

    def shape(points: list[tuple[float, float]], colour: Colour) -> None:
        pygame.draw.polygon(canvas, colour, [(wide * (x + 0.3), high * (y + 0.5)) for x, y in points])

    shape([(0, 0.5), (0.62, 0.06), (0.985, 0.3), (0.985, 0.7), (0.62, 0.94)], theme.rim_dark)
    shape([(0.1, 0.5), (0.62, 0.16), (0.93, 0.35), (0.93, 0.65), (0.62, 0.84)], theme.accent)
    shape([(0.1, 0.5), (0.62, 0.16), (0.93, 0.35), (0.93, 0.5)], mix(theme.accent, (255, 255, 255), 0.45))
    pygame.draw.circle(canvas, theme.rim_dark, (wide, high), high * 0.12)
    x, y = layout.pointer
    reach = round(length * 0.7)
    axis = (x, y + reach) if layout.portrait else (x + reach, y)
    for push in degrees:
        image = pygame.transform.rotozoom(canvas, push + (-90 if layout.portrait else 0), 1 / factor)
        left, top = image.get_rect(center=axis).topleft
        # Most of the canvas is clear, and the axis is under the strip's edge.
        seen = image.get_bounding_rect().clip(layout.stage.move(-left, -top))
        yield image.subsurface(seen).copy(), (left + seen.x, top + seen.y)


def strip_panel(layout: Layout, theme: Theme) -> pygame.Surface:
    """Return the strip's panel: a quiet ground with a bright band where the pointer points."""
    size = layout.strip.size
    panel = pygame.Surface(size, pygame.SRCALPHA, 32)
    pygame.draw.rect(panel, (*theme.panel, 190), panel.get_rect(), border_radius=layout.px(24))
    band = pygame.Rect(0, (size[1] - layout.band) // 2, size[0], layout.band)
    pygame.draw.rect(panel, (*theme.band, 255), band)
    for y in (band.top, band.bottom - layout.px(3)):
        pygame.draw.rect(panel, theme.accent, pygame.Rect(0, y, size[0], layout.px(3)))
    return panel


def title(
    layout: Layout, theme: Theme, fonts: Typesetter, logo: pygame.Surface | None, *, text: str, banner: str
) -> pygame.Surface:
    """Return the list's title, with the logo beside it and the banner under it where there are such."""
    box = layout.title
    panel = pygame.Surface(box.size, pygame.SRCALPHA, 32)
    room = box.w
    if logo is not None:
        scale = min(box.h / logo.get_height(), box.w * 0.3 / logo.get_width())
        small = pygame.transform.smoothscale_by(logo, scale)
        panel.blit(small, small.get_rect(midright=(box.w, box.h // 2)))
        room -= small.get_width() + layout.px(24)
    share = 0.55 if banner else 1.0
    size, lines = _lines(
        fonts, text, width=room, height=round(box.h * share), largest=layout.px(64), smallest=layout.px(26), most=2
    )
    y = 0 if banner else (box.h - len(lines) * line_height(size)) // 2
    for line in lines:
        _place(panel, fonts.fit(line, size, theme.text, room), layout, y, room)
        y += line_height(size)
    if banner:
        size = min(layout.px(38), round(box.h * 0.3))
        label = fonts.fit(banner, size, readable_on(theme.notice), room - layout.px(36))
        plate = pygame.Rect(0, 0, label.get_width() + layout.px(36), line_height(size) + layout.px(6))
        plate.bottom = box.h
        plate.centerx = room // 2 if layout.portrait else plate.w // 2
        pygame.draw.rect(panel, theme.notice, plate, border_radius=layout.px(10))
        panel.blit(label, label.get_rect(center=plate.center))
    return panel


def proof(layout: Layout, theme: Theme, fonts: Typesetter, text: str) -> pygame.Surface:
    """Return what may be kept to check the draw: a QR code of all of it, and the first 16 digits to copy down.

    Args:
        layout: of the screen.
        theme: colours.
        fonts: for the short form.
        text: a word or two and 64 hex digits.
    """
    box = layout.proof
    panel = pygame.Surface(box.size, pygame.SRCALPHA, 32)
    left = box.w - box.h // 2
    scale = box.h // _QR_MODULES
    if scale * _QR_MODULES >= _QR_SMALLEST:
        code = _qr_code(text, scale)
        panel.blit(code, (0, (box.h - code.get_height()) // 2))
        left = code.get_width() + layout.px(10)
    *words, digits = text.split(" ")
    lines = [f"#{words[-1]}" if words[-1].isdecimal() else words[-1], *(digits[at : at + 4] for at in range(0, 16, 4))]
    pitch = box.h / len(lines)
    for number, line in enumerate(lines):
        colour = theme.text if number else theme.text_quiet
        drawn = fonts.fit(line, max(9, round(pitch * 0.8)), colour, box.w - left)
        panel.blit(drawn, (left, round(number * pitch + (pitch - drawn.get_height()) / 2)))
    return panel


def _qr_code(text: str, scale: int) -> pygame.Surface:
    """Return the QR code of `text`, dark on white, with its quiet zone; `scale` pixels a module."""
    from qrcodegen import QrCode  # noqa: PLC0415 - a program that shows no code need not load it

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


def foot(layout: Layout, theme: Theme, fonts: Typesetter, prompt: str, last: str) -> pygame.Surface:
    """Return what to do now, and who won last."""
    box = layout.foot
    panel = pygame.Surface(box.size, pygame.SRCALPHA, 32)
    small = layout.px(32)
    while small > layout.px(24) and fonts.width(last, small) > box.w:
        small -= 1
    below = line_height(small) if last else 0
    big, lines = _lines(
        fonts, prompt, width=box.w, height=box.h - below, largest=layout.px(46), smallest=layout.px(26), most=2
    )
    y = (box.h - len(lines) * line_height(big) - below) // 2
    for line in lines:
        _place(panel, fonts.fit(line, big, theme.accent, box.w), layout, y, box.w)
        y += line_height(big)
    if last:
        _place(panel, fonts.fit(last, small, theme.text_quiet, box.w), layout, y, box.w)
    return panel


def status(
    layout: Layout, theme: Theme, fonts: Typesetter, parts: tuple[str, ...], notices: tuple[str, ...]
) -> pygame.Surface:
    """Return the status: facts on the left, the most important notice on the right, or below where there is room."""
    box = layout.status
    panel = pygame.Surface(box.size, 0, 32)
    panel.fill(mix(theme.ground, theme.panel, 0.5))
    size, margin = max(11, round(layout.status_line * 0.62)), layout.px(28)
    room = box.w - 2 * margin
    apart = notices and parts and box.h > layout.status_line  # a line each, where there is room for two
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


def page(layout: Layout, theme: Theme, fonts: Typesetter, lines: tuple[tuple[str, str], ...]) -> pygame.Surface:
    """Return a page of text that covers the screen: what on the left, its value on the right."""
    width, height = layout.size
    panel = pygame.Surface(layout.size, pygame.SRCALPHA, 32)
    panel.fill(theme.panel)
    margin = layout.px(40)
    size = max(11, min(layout.px(40), (height - 2 * margin) // (len(lines) + 1) * 100 // 135))
    room = width - 2 * margin
    y = margin
    for what, value in lines:
        panel.blit(fonts.fit(what, size, theme.text_quiet, room // 4), (margin, y))
        panel.blit(fonts.fit(value, size, theme.text, room * 3 // 4), (margin + room // 4, y))
        y += line_height(size)
    return panel


def card_panel(layout: Layout, theme: Theme) -> pygame.Surface:
    """Return the ground of the result."""
    panel = pygame.Surface(layout.card.size, pygame.SRCALPHA, 32)
    pygame.draw.rect(panel, theme.panel, panel.get_rect(), border_radius=layout.px(28))
    pygame.draw.rect(panel, theme.accent, panel.get_rect(), layout.px(5), border_radius=layout.px(28))
    return panel


def card_text(layout: Layout, theme: Theme, fonts: Typesetter, outcome: Outcome) -> pygame.Surface:
    """Return the result: who won, whole, with the ticket and where the result comes from; the ground is clear."""
    box = layout.card
    panel = pygame.Surface(box.size, pygame.SRCALPHA, 32)
    width = box.w - 2 * layout.px(44)
    crown, gap, edge = layout.px(44), layout.px(14), layout.px(24)
    least, note = line_height(layout.px(36)), layout.px(32)
    note, provenance = _lines(
        fonts,
        outcome.provenance,
        width=width,
        height=3 * line_height(note),
        largest=note,
        smallest=layout.px(24),
        most=3,
    )
    ticket, tickets = _lines(
        fonts,
        outcome.ticket,
        width=width,
        height=box.h // 4,
        largest=layout.px(58),
        smallest=layout.px(28),
        most=2,
    )
    fixed = line_height(crown) + len(tickets) * line_height(ticket) + len(provenance) * line_height(note) + 3 * gap
    size, lines = fonts.fit_lines(
        outcome.name,
        width=width,
        height=max(least, box.h - fixed - 2 * edge),
        largest=_unbroken(fonts, outcome.name, width, largest=layout.px(150), least=layout.px(60)),
        smallest=layout.px(36),
        most=4,
    )
    parts: list[tuple[str, int, Colour, int]] = [(theme.texts.winner.upper(), crown, theme.accent, gap)]
    parts += [(line, size, theme.text, 0) for line in lines[:-1]]
    parts += [(line, size, theme.text, gap) for line in lines[-1:]]
    parts += [(line, ticket, theme.accent, 0) for line in tickets[:-1]]
    parts += [(line, ticket, theme.accent, gap) for line in tickets[-1:]]
    parts += [(line, note, theme.text_quiet, 0) for line in provenance]
    y = (box.h - fixed - len(lines) * line_height(size)) // 2
    for text, text_size, colour, after in parts:
        label = fonts.fit(text, text_size, colour, width)
        panel.blit(label, label.get_rect(midtop=(box.w // 2, y)))
        y += line_height(text_size) + after
    return panel


def paper(layout: Layout, colour: Colour, pose: int, poses: int) -> pygame.Surface:
    """Return a piece of confetti, turned as its pose says."""
    width, height = layout.px(20), layout.px(12)
    piece = pygame.Surface((width, height), pygame.SRCALPHA, 32)
    piece.fill(mix(colour, (255, 255, 255), 0.25 * (pose % 3) / 2))
    return pygame.transform.rotozoom(piece, 180 * pose / poses, 1)


def _lines(
    fonts: Typesetter, text: str, *, width: int, height: int, largest: int, smallest: int, most: int
) -> tuple[int, list[str]]:
    """Break `text` like `Typesetter.fit_lines`, no text into no lines, and what is too long with an ellipsis."""
    if not text:
        return smallest, []
    size, lines = fonts.fit_lines(text, width=width, height=height, largest=largest, smallest=smallest, most=most)
    if "".join(lines).replace(" ", "") != text.replace(" ", ""):
        lines[-1] += ELLIPSIS
    return size, lines


def _unbroken(fonts: Typesetter, text: str, width: int, *, largest: int, least: int) -> int:
    """Return the largest size at which no word of `text` must be broken; wide scripts may be broken anywhere."""
    words = [
        word
        for _, word in unbroken_parts(text)
        if any(unicodedata.east_asian_width(letter) not in "WF" for letter in word)
    ]
    size = largest
    while size > least and any(fonts.width(word, size) > width for word in words):
        size = max(least, size * 9 // 10)
    return size


def _place(panel: pygame.Surface, label: pygame.Surface, layout: Layout, y: int, room: int) -> None:
    """Put a line at the left of the column in landscape, in the middle of its room in portrait."""
    x = (room - label.get_width()) // 2 if layout.portrait else 0
    panel.blit(label, (x, y))
