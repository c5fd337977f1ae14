"""The winners so far: the last one large, those before in a column; and the end, when nobody is left to win."""

import pygame

from kiosk.screen.layouts.layout import Layout
from kiosk.screen.panels.lines import fit_lines_or_cut, place_line
from kiosk.screen.panels.result_card import CORNER
from kiosk.screen.scene import Winner
from kiosk.screen.themes.colours import Colour, mix
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.name_block import name_block
from kiosk.screen.typography.typesetter import Typesetter, line_height


def winners_panel(
    layout: Layout, theme: Theme, fonts: Typesetter, winners: tuple[Winner, ...], *, more: int = 0, ended: bool
) -> pygame.Surface:
    """Return the panel that takes the strip's place between spins.

    Args:
        layout: of the screen.
        theme: colours and texts.
        fonts: for the words.
        winners: the last one first; empty only if `ended`.
        more: winners that `winners` leaves out.
        ended: nobody is left to win.
    """
    box, pad = layout.strip, layout.px(40)
    panel = pygame.Surface(box.size, pygame.SRCALPHA, 32)
    pygame.draw.rect(panel, (*theme.panel, 190), panel.get_rect(), border_radius=layout.px(CORNER))
    column = _Column(layout, theme, fonts, (box.w - 2 * pad, box.h - 2 * layout.px(8)))
    if ended:
        column.large(theme.texts.thanks, theme.accent, largest=min(layout.name_size, box.h * 2 // 7))
        column.list(winners, more)
    else:
        last = winners[0]
        column.title(theme.texts.marked_absent if last.absent else theme.texts.last_winner)
        column.large(last.name, theme.text_quiet if last.absent else theme.text, largest=layout.name_size)
        column.line(last.ticket, layout.text(40), theme.text_quiet)
        column.y += layout.px(14)
        column.list(winners[1:], more)
    used = column.surface.get_bounding_rect()
    panel.blit(column.surface, (pad, (box.h - used.h) // 2 - used.y))
    return panel


class _Column:
    """Lines of text from top to bottom.

    Args:
        layout: of the screen.
        theme: colours and texts.
        fonts: for the words.
        size: of the column, in pixels.
    """

    def __init__(self, layout: Layout, theme: Theme, fonts: Typesetter, size: tuple[int, int]) -> None:
        self.surface = pygame.Surface(size, pygame.SRCALPHA, 32)
        self.y = 0
        self._layout = layout
        self._theme = theme
        self._fonts = fonts

    def line(self, text: str, size: int, colour: Colour) -> None:
        """Add a line of text."""
        width = self.surface.get_width()
        while size > self._layout.least_of_long and self._fonts.width(text, size) > width:
            size -= 1
        label = self._fonts.fit(text, size, colour, width)
        place_line(self.surface, label, self._layout, self.y, width)
        self.y += label.get_height()

    def title(self, text: str) -> None:
        """Add what stands over other lines."""
        self.line(text.upper(), self._layout.text(34), self._theme.accent)

    def large(self, text: str, colour: Colour, *, largest: int) -> None:
        """Add a name, at most as high as the band of the strip, and whole."""
        layout, width = self._layout, self.surface.get_width()
        name = name_block(
            self._fonts,
            text,
            colour,
            width=width,
            height=layout.band,
            largest=largest,
            least=layout.least_name,
            align=layout.start,
        )
        place_line(self.surface, name, layout, self.y, width)
        self.y += name.get_height()

    def list(self, winners: tuple[Winner, ...], more: int) -> None:
        """Add as many winners as there is room for, the last ones first; and how many there are besides with `more`."""
        theme, layout = self._theme, self._layout
        size = max(layout.least, layout.row_size * 9 // 10)
        bottom = self.surface.get_height() - line_height(layout.text(34))
        if bottom - self.y < line_height(size) or not winners:
            return
        self.title(theme.texts.winners)
        bottom = self.surface.get_height()
        for number, winner in enumerate(winners):
            text = f"{winner.name} ({theme.texts.marked_absent})" if winner.absent else winner.name
            fitted, lines = fit_lines_or_cut(
                self._fonts,
                text,
                width=self.surface.get_width(),
                height=2 * line_height(size),
                largest=size,
                smallest=layout.least,
                most=2,
                at_last=layout.least_of_long,
            )
            left = len(winners) + more - number
            last = line_height(size) if left > 1 else 0
            if self.y + len(lines) * line_height(fitted) + last > bottom:
                self.line(theme.texts.more_winners.format(left), size, theme.text_quiet)
                return
            colour = mix(theme.text, theme.text_quiet, min(1.0, 0.3 + number / 8))
            for line in lines:
                self.line(line, fitted, theme.text_quiet if winner.absent else colour)
        if more:
            self.line(theme.texts.more_winners.format(more), size, theme.text_quiet)
