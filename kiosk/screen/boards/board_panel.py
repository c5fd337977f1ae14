"""Draws a board of winners: its page is one picture, and each name that appears is one more.

Invariant: a frame in which one name appears typesets one name. The page is painted before it is needed.
"""

from collections.abc import Hashable

import pygame

from kiosk.screen.backends.adapter import Backend, Picture
from kiosk.screen.boards.grid import Grid, grid_of
from kiosk.screen.layouts.layout import Layout
from kiosk.screen.panels.lines import fit_lines_or_cut
from kiosk.screen.panels.rehearsal import rehearsal_plate
from kiosk.screen.regions import Region
from kiosk.screen.scene import Board, Cell
from kiosk.screen.themes.colours import mix
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.name_block import name_block, name_size
from kiosk.screen.typography.typesetter import Typesetter, line_height

_LABEL = 46
"""Room for the number of the place, in thousandths of the shorter side; a longer one takes more."""
_NAME = 0.095
"""Size of a name as a part of its cell's width at most: most names then stand on one line, equally large."""
_ASIDE = 0.32
"""Part of a cell's width that its ticket or its note may take."""
_SMALLEST_ASIDE = 0.6
"""A long ticket or note is set smaller than the least size by that much before it is cut."""


class BoardPanel:
    """Draws boards.

    Args:
        backend: the screen.
        layout: of the screen.
        theme: colours.
        fonts: for the words.
    """

    def __init__(self, backend: Backend, layout: Layout, theme: Theme, fonts: Typesetter) -> None:
        self._backend = backend
        self._layout = layout
        self._theme = theme
        self._fonts = fonts
        self._ground = mix(theme.ground, theme.panel, 0.35)
        self._page: tuple[Hashable, Picture] | None = None
        self._cells: dict[tuple[Cell, tuple[int, int]], Picture] = {}

    def get_ready(self, board: Board, rehearsal: str) -> None:
        """Paint the empty page, unless it is there."""
        self._page_picture(board, rehearsal)

    def regions(self, board: Board, rehearsal: str) -> dict[str, Region]:
        """Return the regions of a board: the page, and over it a region for each name that is there."""
        grid = self._grid(board, rehearsal)
        key = self._page_key(board, rehearsal)
        page = Region(grid.box, None, None, key, lambda: self._draw_page(board, rehearsal))
        regions = {"board": page}
        shown = board.cells[: board.shown]
        self._forget_but(shown)
        for number, cell in enumerate(shown):
            fresh = board.fresh and number == board.shown - 1
            regions[f"place {number}"] = self._region(grid.cells[number], cell, (key, cell, fresh), fresh=fresh)
        return regions

    def covers(self, board: Board, rehearsal: str) -> list[pygame.Rect]:
        """Return where there are words, for paper to be faint there."""
        grid = self._grid(board, rehearsal)
        return [grid.head, grid.foot, *grid.cells[: board.shown]]

    def drop(self) -> None:
        """Free the pictures."""
        self._page = None
        self._cells.clear()

    def _region(self, box: pygame.Rect, cell: Cell, key: Hashable, *, fresh: bool) -> Region:
        return Region(box, None, None, key, lambda: self._draw_cell(box, cell, fresh=fresh))

    def _grid(self, board: Board, rehearsal: str) -> Grid:
        return grid_of(self._layout, len(board.cells), plate=bool(rehearsal))

    def _page_key(self, board: Board, rehearsal: str) -> Hashable:
        return (board.heading, board.title, board.page, board.foot, len(board.cells), rehearsal)

    # ---- drawing -----------------------------------------------------------------------------------------------------

    def _draw_page(self, board: Board, rehearsal: str) -> None:
        self._backend.draw(self._page_picture(board, rehearsal), self._grid(board, rehearsal).box.topleft)

    def _draw_cell(self, box: pygame.Rect, cell: Cell, *, fresh: bool) -> None:
        key = (cell, box.size)
        picture = self._cells.get(key)
        if picture is None:
            picture = self._cells[key] = self._backend.picture(self._paint_cell(cell, box.size), opaque=True)
        self._backend.draw(picture, box.topleft)
        if fresh or cell.marked:
            self._frame(box)

    def _frame(self, box: pygame.Rect) -> None:
        thick = self._layout.px(5)
        for edge in (
            pygame.Rect(box.x, box.y, box.w, thick),
            pygame.Rect(box.x, box.bottom - thick, box.w, thick),
            pygame.Rect(box.x, box.y, thick, box.h),
            pygame.Rect(box.right - thick, box.y, thick, box.h),
        ):
            self._backend.fill(edge, self._theme.accent)

    def _forget_but(self, cells: tuple[Cell, ...]) -> None:
        if len(self._cells) > 2 * len(cells) + 2:
            kept = set(cells)
            self._cells = {key: picture for key, picture in self._cells.items() if key[0] in kept}

    # ---- painting ----------------------------------------------------------------------------------------------------

    def _page_picture(self, board: Board, rehearsal: str) -> Picture:
        key = self._page_key(board, rehearsal)
        if self._page is None or self._page[0] != key:
            self._page = (key, self._backend.picture(self._paint_page(board, rehearsal), opaque=True))
        return self._page[1]

    def _paint_page(self, board: Board, rehearsal: str) -> pygame.Surface:
        layout, theme, fonts = self._layout, self._theme, self._fonts
        grid = self._grid(board, rehearsal)
        grid = grid.moved((-grid.box.x, -grid.box.y))
        panel = pygame.Surface(grid.box.size, 0, 32)
        panel.fill(self._ground)
        if rehearsal:
            panel.blit(rehearsal_plate(layout, theme, fonts, rehearsal, grid.plate.size), grid.plate)
        head, small = grid.head, layout.px(36)
        page = fonts.fit(board.page, small, theme.text_quiet, head.w // 3) if board.page else None
        room = head.w - (page.get_width() + layout.px(24) if page is not None else 0)
        heading = fonts.fit(board.heading.upper(), small, theme.accent, room)
        mirrored = layout.mirrored
        panel.blit(heading, heading.get_rect(topright=head.topright) if mirrored else head.topleft)
        if page is not None:
            panel.blit(page, head.topleft if mirrored else page.get_rect(topright=head.topright))
        high = head.h - line_height(small)
        large, lines = fit_lines_or_cut(
            fonts, board.title, width=head.w, height=high, largest=layout.px(72), smallest=layout.least_of_long, most=2
        )
        y = head.y + line_height(small) + (high - len(lines) * line_height(large)) // 2
        for line in lines:
            label = fonts.fit(line, large, theme.text, head.w)
            panel.blit(label, (head.right - label.get_width() if mirrored else head.x, y))
            y += line_height(large)
        self._paint_foot(panel, board.foot, grid.foot)
        empty = mix(self._ground, theme.panel, 0.5)
        for box in grid.cells:
            panel.fill(empty, box)
        return panel

    def _paint_foot(self, panel: pygame.Surface, text: str, box: pygame.Rect) -> None:
        layout, theme = self._layout, self._theme
        size, lines = fit_lines_or_cut(
            self._fonts, text, width=box.w, height=box.h, largest=layout.px(44), smallest=layout.least_of_long, most=3
        )
        y = box.y + (box.h - len(lines) * line_height(size)) // 2
        for line in lines:
            label = self._fonts.fit(line, size, theme.accent, box.w)
            panel.blit(label, (box.x + layout.start(label.get_width(), box.w), y))
            y += line_height(size)

    def _paint_cell(self, cell: Cell, size: tuple[int, int]) -> pygame.Surface:
        layout, theme, fonts = self._layout, self._theme, self._fonts
        width, height = size
        panel = pygame.Surface(size, 0, 32)
        panel.fill(theme.band if cell.marked else theme.panel)
        pad = layout.px(14)
        small = max(layout.least_of_long, min(layout.px(36), round(height * 0.44)))
        start = pad

        def place(label: pygame.Surface, begin: int) -> pygame.Rect:
            """Blit a label so far from where lines begin."""
            left = width - begin - label.get_width() if layout.mirrored else begin
            return panel.blit(label, label.get_rect(midleft=(left, height // 2)))

        if cell.label:
            label = fonts.fit(cell.label, small, theme.accent, width // 4)
            place(label, start)
            start += max(label.get_width(), layout.px(_LABEL)) + pad // 2
        end = width - pad
        least, largest = layout.least_of_long, min(layout.px(110), round(height * 0.76), round(width * _NAME))
        text, colour = (cell.note, theme.notice) if cell.note else (cell.ticket, theme.text_quiet)
        room = round(width * _ASIDE)
        while small > round(least * _SMALLEST_ASIDE) and fonts.width(text, small) > room:
            small -= 1
        aside = fonts.fit(text, small, colour, room) if text else None
        beside = end - start - (aside.get_width() + pad if aside is not None else 0)
        # A name that could not be read beside its ticket has the cell to itself.
        if (
            not cell.note
            and name_size(fonts, cell.name, width=beside, height=height, largest=largest, least=least) < least
        ):
            aside, beside = None, end - start
        if aside is not None:
            place(aside, end - aside.get_width())
        name = name_block(
            fonts,
            cell.name,
            theme.text_quiet if cell.quiet else theme.text,
            width=max(1, beside),
            height=height,
            largest=largest,
            least=least,
        )
        box = place(name, start)
        if cell.quiet:
            pygame.draw.line(panel, theme.text_quiet, box.midleft, box.midright, layout.px(3))
        return panel
