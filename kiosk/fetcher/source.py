"""One source: asks what it holds, fetches what is new, verifies it, and hands it to `placing`.

Invariant: bytes are verified before they are placed, and `poll` raises nothing that a source can cause: it takes note
and paces itself. It sleeps nowhere; `pacing.due_ns` says when to poll next.
"""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from kiosk.core.clock import NS_PER_S, Clock, rfc3339
from kiosk.core.errors import SnapshotError, SnapshotMalformed, WheelError
from kiosk.core.home import REQUEST_NAME, Home, names_name, picture_name
from kiosk.core.key_files import load_trusted_keys
from kiosk.core.keys import TrustedKeys
from kiosk.core.source_status import SourceReport
from kiosk.draw.protocol import digest
from kiosk.fetcher.index_file import INDEX_NAME, MAX_INDEX_BYTES, HintedFile, decode, is_published_name
from kiosk.fetcher.pacing import Pacing
from kiosk.fetcher.placing import (
    MAX_PICTURE_BYTES,
    newest_at_home,
    parcel_of,
    parcel_of_requests,
    place,
)
from kiosk.fetcher.plan import plan
from kiosk.fetcher.refused_files import Refusals
from kiosk.fetcher.results import Results
from kiosk.fetcher.transport.base import Fetched, NotThere, SourceError, TooLarge, Transport
from kiosk.intake.request_files import Delivered, checked_message, read_message
from kiosk.intake.snapshot_files import Published, checked, survey
from kiosk.snapshot.model import MAX_ENVELOPE_BYTES
from kiosk.snapshot.names import MAX_NAMES_BYTES
from kiosk.snapshot.names import decode as decode_names
from kiosk.snapshot.requests import MAX_MESSAGE_BYTES

logger = logging.getLogger(__name__)

_SETTLE_NS = 3 * NS_PER_S
"""How long a version must have stood before it is believed that equal versions mean equal bytes."""


class _SeenIndex(msgspec.Struct):
    """The index that was taken last: its version, and since when it has been that."""

    version: str = ""
    strong: bool = False
    since_ns: int = 0
    read_ns: int = 0

    def condition(self) -> str:
        """Return the version to ask with; "" if the index has to be read again."""
        return self.version if self.strong or self.read_ns - self.since_ns >= _SETTLE_NS else ""

    def read(self, fetched: Fetched, now_ns: int) -> None:
        if fetched.version != self.version:
            self.version, self.since_ns = fetched.version, now_ns
        self.strong, self.read_ns = fetched.strong, now_ns


class Source:
    """A source.

    Args:
        home: where published files go.
        url: for people.
        transport: the way to it.
        pacing: when to ask it.
        clock: for waits and for the status.
        results: sends the kiosk's records there; None does not.
        placed: told of each file that was written.
    """

    def __init__(
        self,
        home: Home,
        url: str,
        transport: Transport,
        *,
        pacing: Pacing,
        clock: Clock,
        results: Results | None = None,
        placed: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._home = home
        self._url = url
        self._transport = transport
        self._clock = clock
        self._placed = placed
        self._results = results
        self._index = _SeenIndex()
        self._refusals = Refusals(first_wait_s=pacing.every_s / 2)
        self._incomplete = False
        self._verified_requests: dict[str, Any] = {}
        self._report = SourceReport(url=url)
        self._said = ""
        self.pacing = pacing

    def poll(self) -> bool:
        """Ask once and take what is new; returns whether the source answered."""
        try:
            more = self._poll()
        except WheelError as error:
            self._index = _SeenIndex()
            self._failed(error)
            return False
        self._succeeded(more=more, results=self._results.send() if self._results else "")
        return True

    def report(self) -> SourceReport:
        """Return what is known of it."""
        return self._report

    def close(self) -> None:
        """Give its connections back."""
        self._transport.close()

    def _poll(self) -> bool:
        keys = load_trusted_keys(self._home.trusted)
        files = self._files(tuple(sorted(keys)))
        if files is None:
            return False
        now_ns = self._clock.monotonic_ns()
        self._refusals.begin(tuple(sorted(keys)), files)
        todo = plan(
            files,
            newest=newest_at_home(self._home, keys),
            at_home=self._good_requests(keys),
            refused=self._refusals.settled(now_ns),
        )
        self._incomplete = True  # until everything is in place
        for file in todo.lists:
            if self._take_list(file, keys):
                break
        self._take_requests(todo.requests, keys)
        self._incomplete = todo.more
        return todo.more

    def _files(self, keyring: object) -> tuple[HintedFile, ...] | None:
        """Return what the source holds; None if that is unchanged, and nothing waits to be looked at again."""
        unfinished = self._incomplete or self._refusals.waiting or keyring != self._refusals.keyring
        known = "" if unfinished else self._index.condition()
        try:
            fetched = self._transport.fetch(INDEX_NAME, limit=MAX_INDEX_BYTES, known=known)
        except NotThere:
            listed = self._transport.listing()
            if listed is None:
                raise
            return tuple(file for file in listed if is_published_name(file.name))
        if fetched is None:
            return None
        self._index.read(fetched, self._clock.monotonic_ns())
        try:
            return decode(fetched.data)
        except SnapshotMalformed as error:
            raise SourceError(error.message) from error

    def _good_requests(self, keys: TrustedKeys) -> set[str]:
        """Return the names of the requests at home that verify; each file is read once."""
        good, known = set(), {}
        for stamp in survey(self._home.snapshots, REQUEST_NAME):
            key = (stamp, tuple(sorted(keys)))
            verdict = self._verified_requests.get(stamp.name)
            if verdict is None or verdict[0] != key:
                verdict = (key, self._verifies(stamp.name, keys))
            known[stamp.name] = verdict
            if verdict[1]:
                good.add(stamp.name)
        self._verified_requests = known
        return good

    def _verifies(self, name: str, keys: TrustedKeys) -> bool:
        try:
            read_message(self._home.snapshots / name, keys=keys)
        except SnapshotError:
            return False
        return True

    def _take_list(self, file: HintedFile, keys: TrustedKeys) -> bool:
        """Fetch and place a list with all that it needs; returns False if it was refused."""
        try:
            data = self._fetched(file, MAX_ENVELOPE_BYTES)
            published = checked(self._home.snapshots / file.name, data, keys=keys)
            names = self._names(published)
            place(
                self._home, parcel_of(published, names, dict(self._pictures(published))), keys=keys, placed=self._placed
            )
        except (SnapshotError, NotThere, TooLarge) as error:
            self._refusals.add(file, error.message, self._clock.monotonic_ns())
            return False
        return True

    def _names(self, published: Published) -> bytes:
        data = self._fetched(HintedFile(names_name(published.snapshot.names)), MAX_NAMES_BYTES)
        decode_names(data, snapshot=published.snapshot)
        return data

    def _pictures(self, published: Published) -> Iterator[tuple[str, bytes]]:
        """Yield the pictures of the prizes that can be had: one that is missing or damaged stops no list."""
        for picture in dict.fromkeys(prize.picture for prize in published.snapshot.prizes if prize.picture):
            file = HintedFile(picture_name(picture))
            try:
                data = self._fetched(file, MAX_PICTURE_BYTES)
            except (NotThere, TooLarge):
                logger.warning("%s is not at %s", file.name, self._url)
                continue
            if digest(data) == picture.partition(".")[0]:
                yield picture, data
            else:
                logger.warning("%s at %s is another picture", file.name, self._url)

    def _take_requests(self, files: tuple[HintedFile, ...], keys: TrustedKeys) -> None:
        taken: list[Delivered] = []
        for file in files:
            try:
                taken.append(checked_message(file.name, self._fetched(file, MAX_MESSAGE_BYTES), keys=keys))
            except (SnapshotError, NotThere, TooLarge) as error:
                self._refusals.add(file, error.message, self._clock.monotonic_ns())
        if taken:
            place(self._home, parcel_of_requests(tuple(taken)), keys=keys, placed=self._placed)

    def _fetched(self, file: HintedFile, limit: int) -> bytes:
        """Return a file's bytes.

        Raises:
            SourceError: it did not arrive, or not as the source describes it.
            SnapshotTooLarge: it is larger than such a file may be.
        """
        fetched = self._transport.fetch(file.name, limit=limit)
        if fetched is None:
            raise SourceError(f"{file.name} did not arrive.")
        if file.sha256 and digest(fetched.data) != file.sha256:
            raise SourceError(f"{file.name} arrived damaged, or {INDEX_NAME} is about another one.")
        return fetched.data

    def _failed(self, error: WheelError) -> None:
        now = self._clock.monotonic_ns()
        self.pacing.failed(now)
        if error.message != self._said:
            logger.warning("%s: %s", self._url, error)
            self._said = error.message
        since = self._report.failing_since or rfc3339(self._clock.utc_now())
        self._report = SourceReport(
            url=self._url,
            answered_at=self._report.answered_at,
            failing_since=since,
            problem=str(error),
            refused=self._refusals.shown(),
            results=self._report.results,
        )

    def _succeeded(self, *, more: bool, results: str) -> None:
        if self._said:
            logger.info("%s: within reach again", self._url)
            self._said = ""
        self.pacing.succeeded(self._clock.monotonic_ns(), at_once=more)
        self._report = SourceReport(
            url=self._url,
            answered_at=rfc3339(self._clock.utc_now()),
            refused=self._refusals.shown(),
            results=results,
        )
