"""From a published file to a list that the kiosk can adopt at once: loaded, committed to, painted.

Invariant: everything slow happens here, on the watcher's thread: reading, verifying, the secret, the picture. The
controller only takes the finished list out of the mailbox.
"""

import logging
import time
from collections.abc import Callable, Iterable
from heapq import merge
from pathlib import Path
from typing import Protocol, TypeAlias

import msgspec
from pygame import Surface

from kiosk.core.clock import NS_PER_S, Clock
from kiosk.core.errors import HomeError, LeftWaiting, NamesMissing, SnapshotError
from kiosk.core.home import NAMES_NAME, Home
from kiosk.core.key_files import load_trusted_keys
from kiosk.core.keys import TrustedKeys
from kiosk.draw.pool import Pool
from kiosk.draw.protocol import Chain
from kiosk.intake.request_files import MOST_READ, Delivered, delivered
from kiosk.intake.snapshot_files import (
    MOST_LIST_BYTES,
    MOST_LISTS,
    Floor,
    Published,
    Refusal,
    below,
    candidates,
    check_floor,
    fingerprint,
    keep_copy,
    list_named,
    read,
    read_names,
    survey,
    within_reason,
)
from kiosk.intake.verdict_cache import SETTLE_NS, Verdicts
from kiosk.intake.watcher import Mailbox
from kiosk.screen.scene import Face
from kiosk.session.draw_session import Session
from kiosk.snapshot.model import Listed, Names
from kiosk.snapshot.sample import SAMPLE

logger = logging.getLogger(__name__)

_Found: TypeAlias = tuple[Published, Listed, bytes]
"""A list that may be shown, as published, with its names, and the bytes of its names file."""
_MOST_REFUSALS = 64
"""Bad files that are named: a directory may be flooded with them."""


class Wheel(msgspec.Struct, frozen=True):
    """A wheel: what it shows, and the list and the pool that it is of."""

    face: Face
    listed: Listed
    pool: Pool


class Painted(msgspec.Struct, frozen=True):
    """A wheel with its picture, to hand over and not to keep: 4 MB at 1080p.

    Attributes:
        angle: that the wheel is painted at, where it will stand, in units.
        paint_ms: how long painting took.
    """

    wheel: Wheel
    image: Surface
    angle: int
    paint_ms: float


class Painter(Protocol):
    """Paints pictures of wheels; see `kiosk.screen.view.View`."""

    def learn(self, face: Face) -> None:
        """Prepare the fonts for a face."""
        ...

    def paint_wheel(self, face: Face, angle: int) -> Surface:
        """Return the wheel's picture at an angle, in units."""
        ...


class Prepared(msgspec.Struct, frozen=True):
    """A list that is ready to be adopted.

    Attributes:
        published: the file it came from; None for the sample list.
        names: the bytes of its names file; empty if there are none any more.
        chain: a committed secret, if adopting takes a new anchor.
    """

    listed: Listed
    published: Published | None
    names: bytes
    chain: Chain | None
    painted: Painted


class Loader:
    """Looks for the newest good list and prepares it.

    Args:
        home: where to look.
        session: says what is adopted already; only read here.
        painter: paints wheels; slow, on any thread.
        clock: the machine's: files settle in real time, also when a kiosk is simulated.
        leaving: whether somebody asked to leave, while the first list is looked for.
        wake: called when there is something to take or to tell.

    Attributes:
        mailbox: the newest list that is ready.
        refusals: the files that are bad; the same tuple as long as they stay the same ones.
        messages: organiser requests; a new tuple when they may have to be taken again.
        problem: why nothing can arrive now; empty if all is well.
    """

    def __init__(
        self,
        home: Home,
        session: Session,
        painter: Painter,
        *,
        clock: Clock,
        leaving: Callable[[], bool] = lambda: False,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._home = home
        self._session = session
        self._painter = painter
        self._leaving = leaving
        self._prepared_s = ""
        self._lists: Verdicts[str] = Verdicts(clock, most=MOST_LISTS, most_bytes=MOST_LIST_BYTES)
        self._fitting: Verdicts[str] = Verdicts(clock)
        self._requests: Verdicts[Delivered] = Verdicts(clock, most=MOST_READ)
        self._context: object = None
        self._wake = wake
        self.mailbox: Mailbox[Prepared] = Mailbox(wake)
        self.refusals: tuple[Refusal, ...] = ()
        self.messages: tuple[Delivered, ...] = ()
        self.problem = ""

    def first(self) -> Prepared:
        """Return what to show at the start.

        That is the list of an unfinished spin, or else the newest good list, published or kept from before, or else
        the sample list.

        Raises:
            HomeError: the trusted keys cannot be read.
            LeftWaiting: somebody asked to leave meanwhile.
        """
        keys = load_trusted_keys(self._home.trusted)
        # The kiosk's own copies come second among equals, so that a damaged published file is named and replaced.
        # A flood of bad ones does not hide the kiosk's own copies; what lies behind it is found at later looks.
        published = within_reason(candidates(self._home.snapshots))
        paths = merge(published, candidates(self._home.adopted), key=lambda path: path.name, reverse=True)
        unfinished = self._session.unfinished_s
        if unfinished is not None:
            known = list_named(unfinished, (self._home.adopted, self._home.snapshots))
            if known is not None:
                return self._prepare(*self._listed(known, known.s))
            logger.error("the list of the unfinished spin is lost: %s", unfinished[:8])
            self._session.abandon_unfinished()
        found = self._first_good(paths, keys)
        if found is None:
            return self._sample()
        try:
            return self._prepare(*found)
        except HomeError:  # its secret could not be stored: the look that follows tries again, and says why
            kept = self.kept()
            if kept is None and self._session.frozen:  # a read-only disk, and no list was adopted yet
                return self._sample()
            if kept is None:
                raise
            return kept

    def kept(self) -> Prepared | None:
        """Return the list that was shown last, which needs neither secret nor record; None if it is lost."""
        s = self._session.floor.s
        last = list_named(s, (self._home.adopted, self._home.snapshots))
        if last is None or self._session.needs_commitment(s):
            return None
        try:
            last = read(last.path, keys=load_trusted_keys(self._home.trusted))
        except SnapshotError:
            return None
        return self._prepare(*self._listed(last, s))

    def _first_good(self, paths: Iterable[Path], keys: TrustedKeys) -> _Found | None:
        """Return the first list of `paths` that may be shown; `refusals` has the ones before it."""
        refusals: list[Refusal] = []
        found, floor = None, self._session.floor
        for path in paths:
            if refusals and below(path, floor):
                break
            if self._leaving():
                raise LeftWaiting
            try:
                found = self._suitable(_readable(path, keys, floor), floor)
                break
            except SnapshotError as error:
                refusals.append(Refusal.of(path, error))
        self.refusals = tuple(refusals[:_MOST_REFUSALS])
        return found

    def _suitable(self, published: Published, floor: Floor) -> _Found:
        """Return a list that may follow what happened, with its names.

        Raises:
            RewritesThePast: it may not follow.
            NamesMissing: its names are not here.
        """
        if published.s != floor.s:
            self._session.check_list(published.snapshot)
        return self._listed(published, floor.s)

    def _listed(self, published: Published, adopted_s: str) -> _Found:
        """Return a list with its names. Only one that is adopted already (`adopted_s`) may have lost them.

        Raises:
            NamesMissing: they are not here.
        """
        snapshot = published.snapshot
        names: Names = {}
        data = b""
        if not self._session.is_closed(snapshot.event.id):
            try:
                names, data = read_names(snapshot, (self._home.snapshots, self._home.adopted))
            except NamesMissing as error:
                if published.s != adopted_s:
                    raise
                logger.warning("tickets are shown: %s", error.message)
        return published, Listed(snapshot, published.s, names, published.signer), data

    def keep(self, prepared: Prepared) -> None:
        """Keep a copy of a list that is about to be adopted; the sample list needs none.

        Raises:
            HomeError: the copy could not be written.
        """
        if prepared.published is not None:
            keep_copy(prepared.published, prepared.names, self._home.adopted)

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
        waiting = self._lists.waiting or self._fitting.waiting or self._requests.waiting
        return SETTLE_NS / NS_PER_S if waiting else None

    def _look(self) -> None:
        floor, shown = self._session.floor, self._session.listed
        shown_s = shown.s if shown else ""
        keys = load_trusted_keys(self._home.trusted)
        found = self._newest(floor, keys, known={self._prepared_s, shown_s})
        messages = delivered(self._home.snapshots, keys=keys, verdicts=self._requests)
        refused = (*self._lists.refusals, *self._fitting.refusals, *self._requests.refusals)
        refusals = refused[:_MOST_REFUSALS]
        if refusals != self.refusals:
            self.refusals = refusals
            self._wake()
        if messages != self.messages or self._context != (floor, shown_s):
            self.messages, self._context = messages, (floor, shown_s)
            self._wake()
        if found is not None:
            self.mailbox.put(self._prepare(*found))

    def _newest(self, floor: Floor, keys: TrustedKeys, *, known: set[str]) -> _Found | None:
        """Return the newest good list, unless its S is `known`. What is older than it is not read."""
        just_read: list[Published] = []
        fresh: list[_Found] = []

        def readable(path: Path) -> str:
            just_read[:] = [_readable(path, keys, floor)]
            return just_read[0].s

        def suitable(path: Path) -> str:
            if not just_read or just_read[0].path != path:
                readable(path)
            fresh[:] = [self._suitable(just_read[0], floor)]
            return just_read[0].s

        directory = self._home.snapshots
        keyring = fingerprint(sorted(self._home.trusted.glob("*.pem")))
        self._lists.begin((floor, keyring))
        self._fitting.begin((floor, keyring, self._session.mark, tuple(sorted(survey(directory, NAMES_NAME)))))
        bad = False
        for stamp in sorted(survey(directory), reverse=True):
            path = directory / stamp.name
            if bad and below(path, floor):  # the list on the wheel is damaged there: the older ones are not wrong
                return None
            s = self._lists.ask(path, stamp, readable)
            if s in known:
                return None
            if s is None or self._fitting.ask(path, stamp, suitable) is None:
                bad = True
                continue
            if not fresh:  # known to be good, and it could not be prepared then
                suitable(path)
            return fresh[0]
        return None

    def repaint(self, pool: Pool) -> Painted:
        """Paint the wheel of the current list with another pool: somebody has left it."""
        listed = self._session.listed
        if listed is None:
            raise RuntimeError("no list was adopted")
        return self._painted(listed, pool, self._session.rest())

    def _prepare(self, published: Published, listed: Listed, names: bytes) -> Prepared:
        painted = self._painted(listed, self._session.pool(listed), self._session.rest(listed))
        # Last: a picture that fails at every look must not leave a secret each time.
        chain = self._session.commit() if self._session.needs_commitment(listed.s) else None
        prepared = Prepared(listed, published, names, chain, painted)
        self._prepared_s = published.s
        return prepared

    def _sample(self) -> Prepared:
        return Prepared(SAMPLE, None, b"", None, self._painted(SAMPLE, self._session.pool(SAMPLE), None))

    def _painted(self, listed: Listed, pool: Pool, rest: int | None) -> Painted:
        face = face_of(listed, pool)
        angle = resting_angle(face, rest)
        self._painter.learn(face)
        started = time.perf_counter()
        image = self._painter.paint_wheel(face, angle)
        return Painted(Wheel(face, listed, pool), image, angle, (time.perf_counter() - started) * 1000)


def resting_angle(face: Face, rest: int | None) -> int:
    """Return where a wheel stands: where its last spin left it, `rest`, or with its first entry under the pointer."""
    lo, hi = face.segments.bounds(0)
    return (lo + hi) // 2 if rest is None else rest


def face_of(listed: Listed, pool: Pool) -> Face:
    """Return what a wheel shows: the pool, or the whole list once nobody is left."""
    shown = pool if len(pool) else Pool((entry.ticket, entry.weight) for entry in listed.snapshot.entries)
    return Face(shown.segments, [listed.shown_name(ticket) for ticket in shown.tickets], shown.tickets)


def _readable(path: Path, keys: TrustedKeys, floor: Floor) -> Published:
    """Return a list that is good by itself.

    Raises:
        SnapshotError: it is not, or it is older than what was on the wheel.
    """
    published = read(path, keys=keys)
    check_floor(published, floor)
    return published
