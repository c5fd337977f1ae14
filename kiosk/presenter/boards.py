"""The pages of winners that cover the wheel: those of one press, those of a prize, and all of them by prize.

Invariant: it reads and changes nothing. Which page is shown follows from time, unless the operator turned to one.
"""

from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from kiosk.core.clock import Clock
from kiosk.presenter.absence_prompt import AbsencePrompt
from kiosk.presenter.prize_cards import drawn_text, places_text
from kiosk.presenter.wording import provenance
from kiosk.screen.effects import filling
from kiosk.screen.scene import Board, Cell
from kiosk.screen.themes.texts import Texts
from kiosk.session.draw_decision import Decision
from kiosk.session.draw_session import Session
from kiosk.session.standings import PlaceNow, places_now
from kiosk.snapshot.model import Prize
from kiosk.stage import Overlay, Stage


class Page(msgspec.Struct, frozen=True):
    """A page: what its board says, before it is known how much of it is there."""

    board: Board
    places: tuple[int, ...]


def press_pages(decision: Decision, prize: Prize | None, *, texts: Texts, caption: bool) -> tuple[Page, ...]:
    """Return the pages of a press for several places, full."""
    cells = [
        (place, Cell(str(place), winner.name, "" if winner.name == winner.ticket else winner.ticket))
        for place, winner in zip(decision.places, decision.winners, strict=True)
    ]
    title = drawn_text(texts, prize, decision.places) if prize else ""
    return _pages(texts, texts.winners_of_press, title, cells, foot=provenance(texts, decision, caption=caption))


def press_board(pages: Sequence[Page], count: int, rested_ms: int) -> Board:
    """Return the page that fills, as it is `rested_ms` after the wheel came to rest; the last page once all are full.

    Before the first of `count` names it shows no board yet, but it is prepared.
    """
    there = filling.filled(count, rested_ms)
    if there == count:
        return pages[-1].board
    page = next(number for number, one in enumerate(filling.pages(count)) if max(there, 1) - 1 in one)
    before = filling.pages(count)[page].start
    return replace(pages[page].board, shown=max(0, there - before), fresh=there > 0)


def _pages(
    texts: Texts, heading: str, title: str, cells: list[tuple[int, Cell]], *, foot: str = ""
) -> tuple[Page, ...]:
    parts = filling.pages(len(cells))
    found = []
    for number, part in enumerate(parts, 1):
        here = [cells[place] for place in part]
        page = texts.page.format(page=number, pages=len(parts)) if len(parts) > 1 else ""
        board = Board(heading, title, tuple(cell for _, cell in here), max(1, len(here)), page=page, foot=foot)
        found.append(Page(board, tuple(place for place, _ in here)))
    return tuple(found)


class Boards:
    """Builds the board of a frame.

    Args:
        stage: says which one is on.
        session: has the winners.
        absence: asks about a place.
        texts: what the screen says.
        caption: whether a press says where its winners come from.
        clock: turns the pages.
    """

    def __init__(
        self, stage: Stage, session: Session, absence: AbsencePrompt, *, texts: Texts, caption: bool, clock: Clock
    ) -> None:
        self._stage = stage
        self._session = session
        self._absence = absence
        self._texts = texts
        self._caption = caption
        self._clock = clock
        self._kept: tuple[object, tuple[Page, ...]] = (None, ())

    def board(self, *, ended: bool) -> Board | None:
        """Return the board that covers the wheel, or None; `ended` if nothing is left to draw."""
        stage, result = self._stage, self._stage.result
        if self._absence.showing:
            return self._asked()
        if stage.overlay is Overlay.WINNERS:
            return self._turned(self._all_winners()).board
        if result is not None:
            return self._of_press(result) if len(result.winners) > 1 else None
        if ended and self._prizes:
            return replace(self._turned(self._all_winners()).board, foot=self._texts.thanks)
        return None

    @property
    def key(self) -> tuple[object, ...]:
        """What the board depends on besides the ledger, the list and the result; cheap to compare."""
        page = self._stage.page_at(self._clock.monotonic_ns())
        return (self._stage.overlay, page, self._absence.notice, self._absence.showing)

    # ---- pages -------------------------------------------------------------------------------------------------------

    def _of_press(self, decision: Decision) -> Board:
        """Return the board of a press for several places, as far as it is filled."""
        listed = self._session.listed
        prize = listed.snapshot.by_prize[decision.prize] if listed else None
        pages = self._cached(
            ("press", id(decision)),
            lambda: press_pages(decision, prize, texts=self._texts, caption=self._caption),
        )
        rested_ms = self._stage.rested_ms(self._clock.monotonic_ns())
        if self._stage.idle and filling.filled(len(decision.winners), rested_ms) == len(decision.winners):
            return self._turned(pages).board
        return press_board(pages, len(decision.winners), rested_ms)

    def _all_winners(self) -> tuple[Page, ...]:
        """Return all winners of the event, by prize."""
        return self._cached("all", lambda: tuple(self._make_all()))

    def _make_all(self) -> Sequence[Page]:
        heading = self._texts.winners
        pages: list[Page] = []
        for prize in self._prizes:
            pages += self._pages(heading, prize.title, self._cells(prize)) if self._places(prize) else ()
        if not self._prizes:
            cells = [
                (0, Cell("", one.name, "" if one.name == one.ticket else one.ticket, quiet=gone))
                for one, gone in self._session.winners()
            ]
            title = self._session.listed.snapshot.title if self._session.listed else ""
            pages += self._pages(heading, title, cells) if cells else ()
        if not pages:
            return (Page(Board(heading, self._texts.nobody_yet, (), 1), ()),)
        total = len(pages)
        if total == 1:
            return pages
        said = (self._texts.page.format(page=number, pages=total) for number in range(1, total + 1))
        return tuple(Page(replace(one.board, page=text), one.places) for one, text in zip(pages, said, strict=True))

    def _asked(self) -> Board | None:
        """Return the page of the place that the operator is asked about, with the question or its answer."""
        absence = self._absence
        prize = next((one for one in self._prizes if one.id == absence.prize), None)
        if prize is None:
            return None
        pages = self._cached(
            ("prize", prize.id), lambda: self._pages(self._texts.winners, prize.title, self._cells(prize))
        )
        place = absence.place or next(iter(absence.last), 0)
        page = next((one for one in pages if place in one.places), pages[0])
        cells = tuple(
            replace(cell, marked=absence.place == number)
            for cell, number in zip(page.board.cells, page.places, strict=True)
        )
        return replace(page.board, cells=cells, foot=absence.notice)

    def _cells(self, prize: Prize) -> list[tuple[int, Cell]]:
        return [(one.place, self._cell(one, prize)) for one in self._places(prize)]

    def _cell(self, one: PlaceNow, prize: Prize) -> Cell:
        texts = self._texts
        note = texts.open_again if one.open else texts.moved_up if one.moved_up else ""
        if one.reserve:
            note = places_text(texts, prize, (one.place,))
        return Cell(str(one.place), one.name, "" if one.name == one.ticket else one.ticket, note, quiet=one.open)

    def _pages(self, heading: str, title: str, cells: list[tuple[int, Cell]]) -> tuple[Page, ...]:
        return _pages(self._texts, heading, title, cells)

    # ---- which page --------------------------------------------------------------------------------------------------

    def _turned(self, pages: tuple[Page, ...]) -> Page:
        return pages[self._stage.page_at(self._clock.monotonic_ns()) % len(pages)]

    @property
    def _prizes(self) -> tuple[Prize, ...]:
        listed = self._session.listed
        return listed.snapshot.prizes if listed is not None else ()

    def _places(self, prize: Prize) -> tuple[PlaceNow, ...]:
        listed = self._session.listed
        return places_now(listed, self._session.history, prize) if listed is not None else ()

    def _cached(self, what: object, make: Callable[[], tuple[Page, ...]]) -> tuple[Page, ...]:
        key = (what, self._session.seq, id(self._session.listed))
        if self._kept[0] != key:
            self._kept = (key, make())
        return self._kept[1]
