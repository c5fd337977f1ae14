"""The result: who won, and how the winner was chosen."""

from itertools import pairwise
from typing import NamedTuple

import pygame

from kiosk.screen.backends.adapter import Backend, Picture
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.panels.lines import fit_lines_or_cut, unbroken_size
from kiosk.screen.scene import Outcome
from kiosk.screen.themes.colours import Colour, mix
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.name_block import name_lines
from kiosk.screen.typography.typesetter import Typesetter, line_height

_LONG_NAME = 60
"""Letters of a name that may be set below the least size of names, for it to be whole."""
_OTHER_WORDS = ((44, 12), (32, 12), (58, 9))
"""Sizes of heading, provenance and ticket: thousandths of the shorter side, but at most that part of the card."""
_CLOSEST = 0.8
"""Lines that do not fit stand closer to each other by that much."""
_LOW = 480
"""Height of a low card in thousandths of the shorter side: there the name needs the room between the lines."""
_ROOMY, _TIGHT = (14, 24), (4, 10)
"""Gap between two kinds of words, and least margin at top and bottom, in the same unit; and those of a low card."""
_LARGEST_NAME = 220
"""Nominal size of a short name, in thousandths of the shorter side."""
_PITCH = 94
"""Distance of two lines of a name, in percent of the size: 1.18 times the height of the letters' em."""
_BETWEEN = 0.14
"""Least free height between the ink of two lines of a name, as a part of the size: accents need more than capitals."""
CORNER = 28
"""Radius of the corners of card and strip, in thousandths of the shorter side: the card covers the strip exactly."""
_PANEL_FROM = 0.2
"""How far the card has grown when its ground has lost the colour of the band, and its edge has its whole width."""
_EDGE, BAND_LINE = 5, 3
"""Width of the card's edge and of the band's lines, in thousandths of the shorter side."""
_GOES, _COMES = (0.25, 0.22), (0.45, 0.25)
"""When one setting of the name fades out as the card grows, for how long, and then the other in."""
_CLEAR_PX = 2
"""Beside the ink of a line that is enlarged: the last pixels of a picture are lost."""

_DRAWN = pygame.Surface((1, 1))
"""Stands for words that were made into a picture."""


class CardText(NamedTuple):
    """The words of a result: the winner's name, whole, and the others, each with its place on the screen.

    `lines` are the name's, and where the ink of each is.
    """

    name: pygame.Surface
    name_box: pygame.Rect
    words: pygame.Surface
    words_box: pygame.Rect
    lines: list[tuple[str, pygame.Rect]]


def card_text(layout: Layout, theme: Theme, fonts: Typesetter, outcome: Outcome) -> CardText:
    """Set a result: who won, whole, with the ticket and where the result comes from; the ground is clear."""
    box = layout.card
    width = box.w - 2 * layout.px(44)
    gap, edge = (layout.px(size) for size in (_ROOMY if box.h > layout.px(_LOW) else _TIGHT))
    # On a low card the other words are small, for the name to be large.
    crown, note, ticket = (max(layout.least, min(layout.px(size), box.h // part)) for size, part in _OTHER_WORDS)
    least, largest = line_height(layout.least_name), max(layout.px(_LARGEST_NAME), layout.least_name)
    note, provenance = fit_lines_or_cut(
        fonts,
        outcome.provenance,
        width=width,
        height=3 * line_height(note),
        largest=note,
        smallest=layout.least,
        most=3,
        at_last=layout.least_of_long,
    )
    ticket, tickets = fit_lines_or_cut(
        fonts,
        outcome.ticket,
        width=width,
        height=box.h // 4,
        largest=ticket,
        smallest=layout.least,
        most=2,
        at_last=layout.least_of_long,
    )
    fixed = line_height(crown) + len(tickets) * line_height(ticket) + len(provenance) * line_height(note) + 3 * gap
    size, lines = fonts.fit_lines(
        outcome.name,
        width=width,
        height=max(least, box.h - fixed - 2 * edge),
        largest=unbroken_size(fonts, outcome.name, width, largest=largest, least=layout.least_name),
        smallest=layout.least_name if len(outcome.name) <= _LONG_NAME else layout.px(36),
        most=4,
        pitch=_PITCH,
    )
    title = theme.texts.marked_absent if outcome.absent else outcome.heading or theme.texts.winner
    name_colour = theme.text_quiet if outcome.absent else theme.text
    block, inks = _name_lines([fonts.fit(line, size, name_colour, width) for line in lines], size)
    parts = [(fonts.fit(title.upper(), crown, theme.accent, width), gap), (block, gap)]
    parts += [(fonts.fit(line, ticket, theme.accent, width), 0) for line in tickets]
    parts += [(fonts.fit(line, note, theme.text_quiet, width), 0) for line in provenance]
    after_ticket = 2 + len(tickets)
    placed: list[_Placed] = []
    tall = fixed + block.get_height()
    closer = max(_CLOSEST, min(1.0, (box.h - edge) / tall))
    y = (box.h - tall * closer) / 2
    for number, (label, after) in enumerate(parts):
        if number == after_ticket:
            y += gap * closer
        placed.append(_Placed(label, label.get_rect(midtop=(box.w // 2, round(y))).topleft))
        y += (label.get_height() + after) * closer
    (name, name_box), (words, words_box) = (_together(some, box) for some in (placed[1:2], placed[:1] + placed[2:]))
    of_block = (box.x + placed[1].at[0], box.y + placed[1].at[1])
    return CardText(
        name, name_box, words, words_box, [(line, ink.move(of_block)) for line, ink in zip(lines, inks, strict=True)]
    )


class _Placed(NamedTuple):
    """A label, and where its corner is on the card."""

    label: pygame.Surface
    at: tuple[int, int]


def _together(placed: list[_Placed], card: pygame.Rect) -> tuple[pygame.Surface, pygame.Rect]:
    """Return one picture of the labels' ink, and where it is on the screen; the card cuts off what is outside of it."""
    inks = [label.get_bounding_rect().move(at) for label, at in placed]
    seen = inks[0].unionall([ink for ink in inks if ink.w]).clip(pygame.Rect((0, 0), card.size))
    picture = pygame.Surface(seen.size, pygame.SRCALPHA, 32)
    for label, at in placed:
        picture.blit(label, (at[0] - seen.x, at[1] - seen.y))
    return picture, seen.move(card.topleft)


def _name_lines(labels: list[pygame.Surface], size: int) -> tuple[pygame.Surface, list[pygame.Rect]]:
    """Return the lines of a name below each other, centred, as close as their accents and descenders allow.

    And where the ink of each is in the picture.
    """
    inks = [label.get_bounding_rect() for label in labels]
    free = [above.bottom - below.top + round(size * _BETWEEN) for above, below in pairwise(inks)]
    pitch = max(size * _PITCH // 100, *free, 0)
    widest = max(label.get_width() for label in labels)
    block = pygame.Surface((widest, pitch * (len(labels) - 1) + line_height(size)), pygame.SRCALPHA, 32)
    corners = [((widest - label.get_width()) // 2, number * pitch) for number, label in enumerate(labels)]
    for label, corner in zip(labels, corners, strict=True):
        block.blit(label, corner)
    return block, [ink.move(corner) for ink, corner in zip(inks, corners, strict=True)]


class _BandLine(NamedTuple):
    """A line of the name as it stands in the band of the strip: its ink, and a little clear round it."""

    text: str
    picture: Picture
    box: pygame.Rect


class ResultCard:
    """Draws the result, and how it grows out of the strip; keeps its pictures.

    Args:
        backend: the screen.
        layout: of the screen.
        theme: colours and texts.
        fonts: for the words.
    """

    def __init__(self, backend: Backend, layout: Layout, theme: Theme, fonts: Typesetter) -> None:
        self._backend = backend
        self._layout = layout
        self._theme = theme
        self._fonts = fonts
        self._corners = backend.picture(_corners(theme, layout.px(CORNER), layout.px(_EDGE), theme.panel))
        self._band: tuple[Outcome, list[_BandLine]] | None = None
        self._kept: tuple[Outcome, CardText, Picture, Picture] | None = None

    def get_ready(self, outcome: Outcome) -> bool:
        """Set some of the words, unless they are there, no more than one frame has time for; says whether all are."""
        if self._kept is not None and self._kept[0] == outcome:
            return True
        if self._band is None or self._band[0] != outcome:
            self._set_band(outcome)
        else:
            self._set(outcome)
        return False

    def draw(self, outcome: Outcome, words: float) -> None:
        """Draw the words of `outcome` on the card; those beside the name with strength `words`, 0..1."""
        text, name, others = self._set(outcome)
        px = self._layout.px
        self._draw_ground(self._layout.card, self._theme.panel, px(CORNER), px(_EDGE), self._corners)
        self._backend.draw(name, text.name_box.topleft)
        if words > 0:
            self._backend.draw(others, text.words_box.topleft, alpha=round(255 * words))

    def grow(self, outcome: Outcome, part: float) -> None:
        """Draw the card as it grows out of the band of the strip, 0..1, and the name in it."""
        layout, theme, backend = self._layout, self._theme, self._backend
        text, name, _ = self._set(outcome)
        lines = self._set_band(outcome)
        band = layout.band_box
        card = _between(band, layout.card, part)
        # Its corners get round as it leaves the band, whose lines would stick out beside them.
        radius = max(0, min(layout.px(CORNER), band.top - card.top, card.bottom - band.bottom))
        turned = min(1.0, part / _PANEL_FROM)
        colour = mix(theme.band, theme.panel, turned)
        edge = round(layout.px(BAND_LINE) + (layout.px(_EDGE) - layout.px(BAND_LINE)) * turned)
        self._draw_ground(card, colour, radius, edge, backend.picture(_corners(theme, radius, edge, colour)))
        if [line.text for line in lines] == [line for line, _ in text.lines]:
            for line, (_, place) in zip(lines, text.lines, strict=True):
                backend.draw_scaled(line.picture, _between(line.box, _with_clear(place, line.box), part))
            return
        # The name of the strip grows to the width that it has on the card. Where it has other lines there, the one
        # fades out and then the other in: both at once could not be read.
        begin = lines[0].box.unionall([line.box for line in lines])
        grown = pygame.Rect(0, 0, text.name_box.w, max(1, round(begin.h * text.name_box.w / begin.w)))
        grown.center = text.name_box.center
        now = _between(begin, grown, part)
        gone, come = (min(1.0, max(0.0, (part - start) / length)) for start, length in (_GOES, _COMES))
        if gone < 1:
            for line in lines:
                backend.draw_scaled(line.picture, _moved(line.box, begin, now), alpha=round(255 * (1 - gone)))
        if come > 0:
            shrunk = pygame.Rect(0, 0, now.w, max(1, round(text.name_box.h * now.w / text.name_box.w)))
            shrunk.center = now.center
            backend.draw_scaled(name, shrunk, alpha=round(255 * come))

    def covers(self, outcome: Outcome) -> list[pygame.Rect]:
        """Return where there are words: paper is faint there, lest it look like a dot of a letter."""
        text = self._set(outcome)[0]
        return [text.name_box, text.words_box]

    def drop(self) -> None:
        """Free the pictures."""
        self._band = self._kept = None

    def _draw_ground(self, card: pygame.Rect, colour: Colour, radius: int, edge: int, corners: Picture) -> None:
        """Draw the ground of the card: fills, and four round corners."""
        backend, accent = self._backend, self._theme.accent
        across, upright = card.inflate(-2 * radius, 0), card.inflate(0, -2 * radius)
        within = upright.inflate(-2 * edge, 0 if radius > edge else 2 * (radius - edge))
        for box, filled in (
            (across, accent),
            (upright, accent),
            (across.inflate(0, -2 * edge), colour),
            (within, colour),
        ):
            backend.fill(box, filled)
        for right in (0, 1):
            for low in (0, 1):
                at = (card.right - radius if right else card.x, card.bottom - radius if low else card.y)
                backend.draw(corners, at, area=pygame.Rect(right * radius, low * radius, radius, radius))

    def _set(self, outcome: Outcome) -> tuple[CardText, Picture, Picture]:
        if self._kept is None or self._kept[0] != outcome:
            layout, theme, fonts = self._layout, self._theme, self._fonts
            text = card_text(layout, theme, fonts, outcome)
            name, words = (self._backend.picture(one) for one in (text.name, text.words))
            text = text._replace(name=_DRAWN, words=_DRAWN)  # 1 MB at 1080p
            self._kept = (outcome, text, name, words)
        return self._kept[1:]

    def _set_band(self, outcome: Outcome) -> list[_BandLine]:
        """Return the name as it stands in the band of the strip."""
        if self._band is None or self._band[0] != outcome:
            layout = self._layout
            lines, size = name_lines(
                self._fonts,
                outcome.name,
                self._theme.text,
                width=layout.strip.w - 2 * layout.px(40),
                height=layout.band,
                largest=layout.name_size,
                least=layout.least_name,
                align=layout.start if layout.portrait else None,
            )
            corner = (layout.name_left(size[0]), round(layout.strip.centery - size[1] / 2))
            band = []
            for text, label, at in lines:
                ink = label.get_bounding_rect()
                clear = ink.inflate(2 * _CLEAR_PX, 2 * _CLEAR_PX)
                surface = pygame.Surface(clear.size, pygame.SRCALPHA, 32)
                surface.blit(label, (-clear.x, -clear.y))
                band.append(_BandLine(text, self._backend.picture(surface), clear.move(corner).move(at)))
            self._band = (outcome, band)
        return self._band[1]


def _with_clear(ink: pygame.Rect, line: pygame.Rect) -> pygame.Rect:
    """Return where a line is drawn, clear pixels and all, for its ink to be there."""
    across, down = (
        2 * _CLEAR_PX * side / (drawn - 2 * _CLEAR_PX) for side, drawn in zip(ink.size, line.size, strict=True)
    )
    return ink.inflate(round(across), round(down))


def _corners(theme: Theme, radius: int, edge: int, colour: Colour) -> pygame.Surface:
    """Return the corners of a card whose ground has a colour, side by side as they are on the card."""
    whole = pygame.Surface((2 * radius + 2, 2 * radius + 2), pygame.SRCALPHA, 32)
    pygame.draw.rect(whole, colour, whole.get_rect(), border_radius=radius)
    pygame.draw.rect(whole, theme.accent, whole.get_rect(), edge, border_radius=radius)
    corners = pygame.Surface((2 * max(1, radius), 2 * max(1, radius)), pygame.SRCALPHA, 32)
    far = radius + 2
    for right in (0, 1):
        for low in (0, 1):
            corner = pygame.Rect(right * far, low * far, radius, radius)
            corners.blit(whole, (right * radius, low * radius), corner)
    return corners


def _moved(box: pygame.Rect, begin: pygame.Rect, now: pygame.Rect) -> pygame.Rect:
    """Return where `box` is when `begin`, which holds it, is drawn as `now`."""
    across, down = now.w / begin.w, now.h / begin.h
    left, top = now.x + (box.x - begin.x) * across, now.y + (box.y - begin.y) * down
    return pygame.Rect(round(left), round(top), max(1, round(box.w * across)), max(1, round(box.h * down)))


def _between(one: pygame.Rect, other: pygame.Rect, part: float) -> pygame.Rect:
    left, top, right, bottom = (
        round(a + (b - a) * part)
        for a, b in (
            (one.left, other.left),
            (one.top, other.top),
            (one.right, other.right),
            (one.bottom, other.bottom),
        )
    )
    return pygame.Rect(left, top, max(1, right - left), max(1, bottom - top))
