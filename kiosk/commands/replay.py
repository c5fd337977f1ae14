"""`wheel-kiosk replay`: shows a past spin again, from the ledger and the list that it names.

Invariant: it records nothing and decides nothing. The ledger's chain is checked, and what moves is the plan that the
records give: the same start, turns and rest, at the same 120 ticks a second. A banner says REPLAY from the first frame
to the last.
"""

import contextlib
import logging
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import msgspec
import pygame
import pygame.freetype
from msgspec.structs import replace

from kiosk.config.command_line import ReplayOptions
from kiosk.config.effective import effective_settings
from kiosk.core.clock import NS_PER_MS, NS_PER_S, Clock, ManualClock, SystemClock
from kiosk.core.errors import HomeError, LedgerBroken, NamesMissing, RefusedError, WheelError
from kiosk.core.home import Home
from kiosk.core.regular_files import read_file
from kiosk.devices.gpu import why_no_gpu
from kiosk.devices.inputs import Action, Inputs, InputSource
from kiosk.draw.pool import Pool
from kiosk.intake import snapshot_files
from kiosk.intake.loader import face_of
from kiosk.intake.snapshot_files import KnownLists, read_names
from kiosk.ledger.history import History
from kiosk.ledger.ledger import MAX_LEDGER_BYTES
from kiosk.ledger.permitted import Lists
from kiosk.ledger.reader import read_records, take
from kiosk.ledger.record import Open, Record, Result
from kiosk.presenter.boards import Page, press_board, press_pages
from kiosk.presenter.wording import list_text, outcome_of, people_text
from kiosk.screen.backends.opening import open_backend
from kiosk.screen.effects import filling
from kiosk.screen.scene import Face, Outcome, Phase, Scene
from kiosk.screen.screenshots import SETTLED_MS
from kiosk.screen.themes.theme import Theme
from kiosk.screen.typography.fonts import fonts_with
from kiosk.screen.typography.typesetter import Typesetter
from kiosk.screen.view import View
from kiosk.session.draw_decision import Decision, decision_from
from kiosk.snapshot.model import Listed
from kiosk.spin_motion import SpinMotion
from kiosk.wheel.angle import normalize
from kiosk.wheel.spin import TICKS_PER_SECOND, SpinPlan

logger = logging.getLogger(__name__)

BEFORE_MS = 1500
"""How long the wheel stands before it turns: time to read the banner."""
AFTER_MS = 9000
"""How long the result, or its full board, stands before the program leaves."""
_SPINNING_PICTURE_TICK = 104 * TICKS_PER_SECOND // 10


class Recorded(msgspec.Struct, frozen=True):
    """A spin as the ledger has it.

    Attributes:
        s: the list that it was drawn from.
        opened: its `open` record, and
        result: its `result`, and
        at: when that was decided (UTC).
        pool: what was on the wheel; None if the list is lost.
        start: the wheel's angle before it, in units; None if it was the first of its event.
    """

    s: str
    opened: Open
    result: Result
    at: str
    pool: Pool | None
    start: int | None


def find(records: Iterable[Record], *, spin: int, generation: int | None, lists: Lists) -> Recorded:
    """Return what the ledger says about a spin.

    Args:
        records: all of them, in order.
        spin: its number.
        generation: of the list; None for the last one that had such a spin.
        lists: finds the lists that the ledger names.

    Raises:
        RefusedError: there is no such result.
        LedgerBroken: a record cannot follow those before it.
    """
    history, found = History(), None
    start: int | None = None
    for record in records:
        body = record.body
        if isinstance(body, Open):
            start = history.last_result.rest if history.last_result else None
        if isinstance(body, Result) and body.spin == spin and history.unfinished is not None:
            opened = history.unfinished.open
            if generation in {None, opened.generation} and history.event is not None:
                listed = lists(history.s)
                pool = history.event.pool(listed, opened.prize) if listed else None
                found = Recorded(history.s, opened, body, record.at, pool, start)
        take(history, record, name="the ledger")
    if found is None:
        which = f"spin {spin}" if generation is None else f"spin {spin} of generation {generation}"
        raise RefusedError(f"The ledger has no {which}.", remedy="wheel-admin draws lists all.")
    return found


def decision_of(recorded: Recorded, listed: Listed) -> Decision:
    """Return the spin as it was decided, without deciding anything.

    Raises:
        RefusedError: the list does not fit the records.
    """
    pool = recorded.pool or Pool(())
    lo, hi = pool.segments.bounds(0) if len(pool) else (0, 0)  # an empty one is refused below
    start = (lo + hi) // 2 if recorded.start is None else recorded.start
    return decision_from(listed, recorded.opened, recorded.result, pool=pool, start=start)


def list_named(home: Home, s: str) -> Listed:
    """Return the list whose name is `s`, from the kiosk's own copies or the published files.

    Raises:
        RefusedError: there is none.
    """
    directories = (home.adopted, home.snapshots)
    published = snapshot_files.list_named(s, directories)
    if published is None:
        raise RefusedError(
            f"The list {s[:8]} that the spin was drawn from was not found.", remedy=f"Look in {home.adopted}."
        )
    try:
        names, _ = read_names(published.snapshot, directories)
    except NamesMissing as error:
        logger.warning("tickets are shown: %s", error.message)
        names = {}
    return Listed(published.snapshot, published.s, names, published.signer)


def read_ledger(home: Home) -> list[Record]:
    """Return the records, without an incomplete last line.

    Raises:
        HomeError: the ledger cannot be read.
        LedgerBroken: its chain does not hold.
    """
    try:
        data = read_file(home.ledger, limit=MAX_LEDGER_BYTES)
    except OSError as error:
        raise HomeError(f"Cannot read {home.ledger}: {error.strerror}.") from error
    records: list[Record] = []
    try:
        records += read_records(data[: data.rfind(b"\n") + 1], name=str(home.ledger))
    except LedgerBroken as error:
        raise LedgerBroken(error.message, remedy="See wheel-admin verify.") from error
    return records


class Replay(msgspec.Struct, frozen=True):
    """A past spin as a sequence of scenes.

    Attributes:
        plan: how the wheel moved.
        still: the scene before it moves.
        outcome: its result.
        pages: of the board that several winners fill; none for one winner.
        winners: how many there are.
    """

    plan: SpinPlan
    still: Scene
    outcome: Outcome
    pages: tuple[Page, ...]
    winners: int

    @property
    def spin_ms(self) -> int:
        """How long the wheel turns."""
        return self.plan.ticks * 1000 // TICKS_PER_SECOND

    @property
    def settled_ms(self) -> int:
        """How long after rest everything is on screen."""
        return filling.settled_ms(self.winners) if self.pages else SETTLED_MS

    @property
    def length_ms(self) -> int:
        """How long all of it takes: the result, or the full board, stands before the program leaves."""
        full_ms = filling.full_ms(self.winners) if self.pages else 0
        return BEFORE_MS + self.spin_ms + full_ms + AFTER_MS

    def scene_at(self, spun_ns: int) -> tuple[str, Scene]:
        """Return the picture's name (or "") and the scene, `spun_ns` after the wheel began to turn."""
        if spun_ns < 0:
            return "idle", self.still
        motion = SpinMotion(self.plan, 0)
        motion.advance(spun_ns)
        if motion.done:
            rested_ms = spun_ns // NS_PER_MS - self.spin_ms
            board = press_board(self.pages, self.winners, rested_ms) if self.pages else None
            return "settled" if rested_ms >= self.settled_ms else "", replace(
                self.still,
                phase=Phase.RESULT,
                angle=motion.angle,
                plan=self.plan,
                outcome=self.outcome,
                celebration_ms=rested_ms,
                board=board,
                rehearsal=self.still.banner if board is not None and board.shown else "",  # the board covers the banner
            )
        return "spinning" if motion.tick >= _SPINNING_PICTURE_TICK else "", replace(
            self.still,
            phase=Phase.TURNING,
            angle=motion.angle,
            speed=motion.speed,
            plan=self.plan,
            rest_in_ms=motion.rest_in_ms,
        )


def replay_of(decision: Decision, listed: Listed, face: Face, *, at: str, theme: Theme, caption: bool) -> Replay:
    """Return the replay of a decided spin.

    Args:
        decision: what happened.
        listed: the list.
        face: the wheel as it was.
        at: when it was decided (UTC).
        theme: has the texts.
        caption: whether the result says where it comes from.
    """
    texts, snapshot = theme.texts, listed.snapshot
    when = at.replace("T", " ")[:19]
    still = Scene(
        face=face,
        angle=normalize(decision.plan.start),
        title=snapshot.title,
        banner=texts.replay.format(spin=decision.spin, at=f"{when} UTC"),
        status=(people_text(texts, len(decision.pool), len(snapshot.entries)), list_text(texts, listed.s)),
    )
    count = len(decision.winners)
    pages: tuple[Page, ...] = ()
    if count > 1:
        pages = press_pages(decision, snapshot.by_prize[decision.prize], texts=texts, caption=caption)
    return Replay(decision.plan, still, outcome_of(texts, decision, caption=caption), pages, count)


class Player:
    """Plays one replay.

    Args:
        replay: what to show.
        view: draws.
        inputs: the wish to leave.
        clock: real, or manual for pictures.
        fps: frames a second.
        keep_pictures: whether to keep one picture each of idle, spinning and settled, in `pictures`.
    """

    def __init__(
        self, replay: Replay, view: View, inputs: InputSource, *, clock: Clock, fps: int, keep_pictures: bool
    ) -> None:
        self._replay = replay
        self._view = view
        self._inputs = inputs
        self._clock = clock
        self._period_ns = NS_PER_S // fps
        self._keep_pictures = keep_pictures
        self.pictures: dict[str, pygame.Surface] = {}

    def run(self) -> None:
        """Show it, and return when it is over or somebody leaves."""
        started = self._clock.monotonic_ns()
        while True:
            now = self._clock.monotonic_ns()
            elapsed_ns = now - started
            if elapsed_ns > self._replay.length_ms * NS_PER_MS or self._left():
                return
            self._show(elapsed_ns - BEFORE_MS * NS_PER_MS)
            self._clock.sleep_ns(self._period_ns - (self._clock.monotonic_ns() - now))

    def _left(self) -> bool:
        actions = self._inputs.poll()
        if Action.REDRAW in actions or Action.APPEAR in actions:
            self._view.redraw()
        return Action.LEAVE in actions

    def _show(self, spun_ns: int) -> None:
        name, scene = self._replay.scene_at(spun_ns)
        if self._keep_pictures and name and name not in self.pictures:
            self.pictures[name] = self._view.capture(scene)
        else:
            self._view.draw(scene)


@contextlib.contextmanager
def player_on(options: ReplayOptions) -> Iterator[Player]:
    """Yield a player of the spin that `options` names.

    Raises:
        RefusedError: there is no such spin, or its list is lost.
        HomeError, TrustError, LedgerError: the home cannot be read.
        ScreenError: there is no display.
    """
    home = Home(options.home)
    lists = KnownLists(home.adopted, home.snapshots)
    recorded = find(read_ledger(home), spin=options.spin, generation=options.generation, lists=lists)
    listed = list_named(home, recorded.s)
    decision = decision_of(recorded, listed)
    effective = effective_settings(home, options)
    settings, theme = effective.settings, effective.theme
    simulated = options.clock == "simulated"
    with contextlib.ExitStack() as stack:
        pygame.font.init()
        pygame.freetype.init()
        backend = open_backend(
            settings.backend,
            options.window,
            vsync=not simulated,
            rotate=settings.rotate,
            why_no_gpu=partial(why_no_gpu, home.gpu_verdict, options.window, settings.rotate),
        )
        stack.callback(pygame.quit)
        stack.callback(backend.close)
        pygame.mouse.set_visible(False)
        view = View(backend, theme, Typesetter(fonts_with(theme.font)), motion=settings.motion, margin=settings.margin)
        stack.callback(view.close)
        face = face_of(listed, decision.pool)
        view.learn(face)
        view.show_wheel(face, view.paint_wheel(face, decision.plan.start), decision.plan.start)
        yield Player(
            replay_of(decision, listed, face, at=recorded.at, theme=theme, caption=settings.caption),
            view,
            Inputs(windowed=options.window is not None),
            clock=ManualClock() if simulated else SystemClock(),
            fps=settings.fps,
            keep_pictures=options.screenshots is not None,
        )


def save(pictures: dict[str, pygame.Surface], directory: Path) -> None:
    """Write the pictures as PNG files.

    Raises:
        WheelError: they cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, picture in pictures.items():
            pygame.image.save(picture, directory / f"{name}.png")
    except (OSError, pygame.error) as error:
        raise WheelError(f"The pictures could not be saved in {directory}: {error}.") from error
