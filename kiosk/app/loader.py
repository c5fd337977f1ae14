"""From a published file to something the loop can adopt at once: loaded, committed to, painted.

Law: everything slow happens here, on the watcher's thread: reading, checking, the secret, the picture. The loop only
takes the finished thing out of the mailbox.
"""

import logging
import time
from dataclasses import dataclass
from typing import Protocol

from pygame import Surface

from kiosk.draw.pool import Pool
from kiosk.draw.protocol import Chain
from kiosk.home import Home, load_trusted_keys
from kiosk.sample import SAMPLE, SAMPLE_S
from kiosk.screen.scene import Face
from kiosk.session import Listed, Session
from kiosk.snapshot.inbox import Delivered, delivered, messages_in
from kiosk.snapshot.store import Floor, Published, Refusal, candidates, fingerprint, newest_good
from kiosk.snapshot.watcher import Mailbox

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel: what it shows, and the pool that it is of."""

    face: Face
    pool: Pool


@dataclass(frozen=True, slots=True)
class Painted:
    """A wheel with its picture, and how long painting took. For handing over: the picture is 4 MB at 1080p."""

    wheel: Wheel
    image: Surface
    paint_ms: float


class Painter(Protocol):
    """What makes pictures of wheels; see `kiosk.screen.view.View`."""

    def learn(self, face: Face) -> None:
        """Prepare the fonts for a face."""
        ...

    def paint_wheel(self, face: Face) -> Surface:
        """Return the wheel's picture."""
        ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """A list that only has to be adopted.

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
        session: asked what is adopted already; only read here.
        painter: paints faces for the screen; slow, on any thread.
    """

    def __init__(self, home: Home, session: Session, painter: Painter) -> None:
        self._home = home
        self._session = session
        self._painter = painter
        self._prepared_s = ""
        self._seen: object = None
        self.mailbox: Mailbox[Prepared] = Mailbox()
        self.refusals: tuple[Refusal, ...] = ()
        self.messages: tuple[Delivered, ...] = ()

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
            for path in paths:
                published, _ = newest_good([path], keys=keys, floor=Floor())
                if published is not None and published.s == unfinished:
                    return self._prepare(published)
            logger.error("the list of the unfinished spin is lost: %s", unfinished[:8])
            self._session.abandon_unfinished()
        published, refusals = newest_good(paths, keys=keys, floor=self._session.floor)
        self.refusals = tuple(refusals)
        return self._prepare(published) if published else self._sample()

    def look(self) -> None:
        """Look at the published files once; a new list goes into the mailbox. For the watcher's thread.

        Raises:
            HomeError: the trusted keys cannot be read.
        """
        floor = self._session.floor
        directory, shown = self._home.snapshots, self._session.listed
        seen = (
            floor,
            shown.s if shown else "",
            fingerprint(self._home.trusted.glob("*.pem")),
            fingerprint(candidates(directory)),
            fingerprint(messages_in(directory)),
        )
        if seen == self._seen:
            return
        keys = load_trusted_keys(self._home.trusted)
        published, refusals = newest_good(candidates(directory), keys=keys, floor=floor)
        generation = shown.snapshot.generation if shown else 0
        messages, unusable = delivered(directory, keys=keys, generation=generation)
        self.refusals = (*refusals, *unusable)
        self.messages = messages
        if published is not None and published.s not in {self._prepared_s, shown.s if shown else ""}:
            self.mailbox.put(self._prepare(published))
        self._seen = seen  # last: what could not be prepared (disk full) is tried again at the next look

    def repaint(self, pool: Pool) -> Painted:
        """Paint the wheel of the list on the wheel with another pool: the winner has left it."""
        listed = self._session.listed
        if listed is None:
            raise RuntimeError("no list was adopted")
        return self._painted(listed, pool)

    def _prepare(self, published: Published) -> Prepared:
        listed = Listed(published.snapshot, published.s)
        chain = self._session.commit() if self._session.needs_commitment(listed.s) else None
        prepared = Prepared(listed, published, chain, self._painted(listed, self._session.pool(listed)))
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
    """Return what a wheel shows: the pool, or with nobody left its last picture, everybody who was on it."""
    names = {entry.ticket: entry.name for entry in listed.snapshot.entries}
    shown = pool if len(pool) else Pool(listed.snapshot.weighted_tickets)
    return Face(shown.segments, [names[ticket] for ticket in shown.tickets], shown.tickets)
