"""From a published file to a list that the kiosk can adopt at once: loaded, committed to, painted.

Invariant: everything slow happens here, on the watcher's thread: reading, verifying, the secret, the picture. The
controller only takes the finished list out of the mailbox.
"""

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pygame import Surface

from kiosk.core.clock import NS_PER_S, Clock
from kiosk.core.errors import HomeError
from kiosk.core.home import Home
from kiosk.core.key_files import load_trusted_keys
from kiosk.core.keys import TrustedKeys
from kiosk.draw.pool import Pool
from kiosk.draw.protocol import Chain
from kiosk.draw_session import Session
from kiosk.intake.request_files import MOST_READ, Delivered, delivered
from kiosk.intake.snapshot_files import (
    Floor,
    Published,
    Refusal,
    below,
    candidates,
    check_floor,
    fingerprint,
    keep_copy,
    named,
    newest_good,
    read,
    survey,
)
from kiosk.intake.verdict_cache import SETTLE_NS, Verdicts
from kiosk.intake.watcher import Mailbox
from kiosk.screen.scene import Face
from kiosk.snapshot.model import Listed
from kiosk.snapshot.sample import SAMPLE, SAMPLE_S

logger = logging.getLogger(__name__)

_MOST_REFUSALS = 64
"""Bad files that are named: a directory may be flooded with them."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel: what it shows, and the pool that it is of."""

    face: Face
    pool: Pool


@dataclass(frozen=True, slots=True)
class Painted:
    """A wheel with its picture, and how long painting took. To hand over, not to keep: 4 MB at 1080p."""

    wheel: Wheel
    image: Surface
    paint_ms: float


class Painter(Protocol):
    """Paints pictures of wheels; see `kiosk.screen.view.View`."""

    def learn(self, face: Face) -> None:
        """Prepare the fonts for a face."""
        ...

    def paint_wheel(self, face: Face) -> Surface:
        """Return the wheel's picture."""
        ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """A list that is ready to be adopted.

    Attributes:
        published: the file it came from; None for the sample list.
        chain: a committed secret, if adopting takes a new anchor.
    """

    listed: Listed
    published: Published | None
    chain: Chain | None
    painted: Painted


class Loader:
    """Looks for the newest good list and prepares it.

    Args:
        home: where to look.
        session: says what is adopted already; only read here.
        painter: paints wheels; slow, on any thread.
        clock: the machine's: files settle in real time, also when a kiosk is simulated.

    Attributes:
        mailbox: the newest list that is ready.
        refusals: the files that are bad; the same tuple as long as they stay the same ones.
        messages: organiser requests; a new tuple when they may have to be taken again.
        problem: why nothing can arrive now; empty if all is well.
    """

    def __init__(self, home: Home, session: Session, painter: Painter, *, clock: Clock) -> None:
        self._home = home
        self._session = session
        self._painter = painter
        self._prepared_s = ""
        self._lists: Verdicts[str] = Verdicts(clock)
        self._requests: Verdicts[Delivered] = Verdicts(clock, most=MOST_READ)
        self._context: object = None
        self.mailbox: Mailbox[Prepared] = Mailbox()
        self.refusals: tuple[Refusal, ...] = ()
        self.messages: tuple[Delivered, ...] = ()
        self.problem = ""

    def first(self) -> Prepared:
        """Return what to show at the start.

        That is the list of an unfinished spin, or else the newest good list, published or kept from before, or else
        the sample list.

        Raises:
            HomeError: the trusted keys cannot be read.
        """
        keys = load_trusted_keys(self._home.trusted)
        # The kiosk's own copies come second among equals, so that a damaged published file is named and replaced.
        paths = sorted(
            [*candidates(self._home.snapshots), *candidates(self._home.adopted)], key=lambda p: p.name, reverse=True
        )
        unfinished = self._session.unfinished_s
        if unfinished is not None:
            known = named(unfinished, paths, keys=keys)
            if known is not None:
                return self._prepare(known)
            logger.error("the list of the unfinished spin is lost: %s", unfinished[:8])
            self._session.abandon_unfinished()
        published, refusals = newest_good(paths, keys=keys, floor=self._session.floor)
        self.refusals = tuple(refusals[:_MOST_REFUSALS])
        if published is None:
            return self._sample()
        try:
            return self._prepare(published)
        except HomeError:  # its secret could not be stored: the look that follows tries again, and says why
            kept = self.kept()
            if kept is None:
                raise
            return kept

    def kept(self) -> Prepared | None:
        """Return the list that was shown last, which needs neither secret nor record; None if it is lost."""
        paths = [*candidates(self._home.adopted), *candidates(self._home.snapshots)]
        last = named(self._session.floor.s, paths, keys=load_trusted_keys(self._home.trusted))
        return self._prepare(last) if last is not None and not self._session.needs_commitment(last.s) else None

    def keep(self, prepared: Prepared) -> None:
        """Keep a copy of a list that is about to be adopted; the sample list needs none.

        Raises:
            HomeError: the copy could not be written.
        """
        if prepared.published is not None:
            keep_copy(prepared.published, self._home.adopted)

    def look(self) -> float | None:
        """Read the published files once; a new list goes into the mailbox. For the watcher's thread.

        Returns:
            Seconds after which to look again at the latest; None if there is nothing to wait for.

        Raises:
            HomeError: something cannot be read or written; `problem` says so until it can.
        """
        try:
            self._look()
        except Exception as error:
            self.problem = str(error)
            raise
        self.problem = ""
        return SETTLE_NS / NS_PER_S if self._lists.waiting or self._requests.waiting else None

    def _look(self) -> None:
        floor, shown = self._session.floor, self._session.listed
        shown_s = shown.s if shown else ""
        keys = load_trusted_keys(self._home.trusted)
        published = self._newest(floor, keys, known={self._prepared_s, shown_s})
        generation = shown.snapshot.generation if shown else 0
        messages = delivered(self._home.snapshots, keys=keys, generation=generation, verdicts=self._requests)
        refusals = tuple((*self._lists.refusals, *self._requests.refusals)[:_MOST_REFUSALS])
        if refusals != self.refusals:
            self.refusals = refusals
        if messages != self.messages or self._context != (floor, shown_s):
            self.messages, self._context = messages, (floor, shown_s)
        if published is not None:
            self.mailbox.put(self._prepare(published))

    def _newest(self, floor: Floor, keys: TrustedKeys, *, known: set[str]) -> Published | None:
        """Return the newest good list, unless its snapshot digest is `known`. Older files are not read."""
        fresh: list[Published] = []

        def good(path: Path) -> str:
            published = read(path, keys=keys)
            check_floor(published, floor)
            fresh[:] = [published]
            return published.s

        directory = self._home.snapshots
        self._lists.begin((floor, fingerprint(sorted(self._home.trusted.glob("*.pem")))))
        refused = False
        for stamp in sorted(survey(directory), reverse=True):
            path = directory / stamp.name
            if refused and below(path, floor):
                break  # it is only older; what is wrong is the newer one
            s = self._lists.ask(path, stamp, good)
            if s is None:
                refused = True
                continue
            if s in known:
                return None
            if not fresh:  # known to be good, and it could not be prepared then
                good(path)
            return fresh[0]
        return None

    def repaint(self, pool: Pool) -> Painted:
        """Paint the wheel of the current list with another pool: somebody has left it."""
        listed = self._session.listed
        if listed is None:
            raise RuntimeError("no list was adopted")
        return self._painted(listed, pool)

    def _prepare(self, published: Published) -> Prepared:
        listed = Listed(published.snapshot, published.s)
        painted = self._painted(listed, self._session.pool(listed))
        # Last: a picture that fails at every look must not leave a secret each time.
        chain = self._session.commit() if self._session.needs_commitment(listed.s) else None
        prepared = Prepared(listed, published, chain, painted)
        self._prepared_s = published.s
        return prepared

    def _sample(self) -> Prepared:
        listed = Listed(SAMPLE, SAMPLE_S)
        return Prepared(listed, None, None, self._painted(listed, self._session.pool(listed)))

    def _painted(self, listed: Listed, pool: Pool) -> Painted:
        face = face_of(listed, pool)
        self._painter.learn(face)
        started = time.perf_counter()
        image = self._painter.paint_wheel(face)
        return Painted(Wheel(face, pool), image, (time.perf_counter() - started) * 1000)


def face_of(listed: Listed, pool: Pool) -> Face:
    """Return what a wheel shows: the pool, or the whole list once nobody is left."""
    names = {entry.ticket: entry.name for entry in listed.snapshot.entries}
    shown = pool if len(pool) else Pool(listed.snapshot.weighted_tickets)
    return Face(shown.segments, [names[ticket] for ticket in shown.tickets], shown.tickets)
