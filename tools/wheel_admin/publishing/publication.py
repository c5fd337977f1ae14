"""How a list becomes published files, for `publish` and `republish`.

Invariant: a generation that was published or adopted is never used again. What is written was checked before, and is
then read back and verified with the keys that the kiosk trusts; the names file is written first, because a kiosk takes
a list only with it. A correction that rewrites what happened is refused here as the kiosk would refuse it. The caller
holds the lock.
"""

import contextlib
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from kiosk.core.clock import rfc3339
from kiosk.core.durable import SHARED, remove, write_atomic
from kiosk.core.errors import HomeError, NamesMissing, RefusedError, SnapshotError
from kiosk.core.home import Home, names_name
from kiosk.core.key_files import load_trusted_keys
from kiosk.core.keys import TrustedKeys
from kiosk.core.regular_files import read_file
from kiosk.draw.protocol import digest
from kiosk.intake import snapshot_files as store
from kiosk.intake.snapshot_files import KnownLists, Published, Refusal
from kiosk.snapshot import names as names_file
from kiosk.snapshot.corrections import Happened, fixed_parts
from kiosk.snapshot.corrections import problems as correction_problems
from kiosk.snapshot.envelope import seal
from kiosk.snapshot.model import FORMAT, MAX_ENVELOPE_BYTES, MAX_GENERATION, Names, Snapshot, encode, problems
from wheel_admin.draft import Draft
from wheel_admin.ledger_report.ledger_view import LedgerView, read_ledger
from wheel_admin.publishing.known_keys import record_keys
from wheel_admin.publishing.pictures import is_kept
from wheel_admin.publishing.signing_key import trusted_signing_key

Standing = Literal["first list", "correction", "new event"]
"""What a publication is: the first list of all, another list of the same event, or the first list of another event."""
_NO_NAMES_YET = "0" * 64
"""Stands for the digest of a names file that is not made yet."""


class Shelf(msgspec.Struct, frozen=True):
    """What lies in snapshots/ and what comes next.

    Attributes:
        newest: the newest file that verifies; None if there is none.
        refusals: newer files that do not.
        next_generation: above every list that verifies, and every one that the kiosk adopted.
        previous: S of the list before it, "" if there is none.
        keys: what the kiosk trusts.
    """

    newest: Published | None
    refusals: tuple[Refusal, ...]
    next_generation: int
    previous: str
    keys: TrustedKeys


def look(home: Home, ledger: LedgerView) -> Shelf:
    """Look at what is published.

    Raises:
        HomeError: the trusted keys cannot be read.
        RefusedError: there are more bad files of lists than anybody reads.
    """
    keys = load_trusted_keys(home.trusted)
    paths = list(store.candidates(home.snapshots))
    newest, refusals = store.newest_good(store.within_reason(paths), keys=keys, floor=store.Floor())
    if newest is None and len(refusals) < len(paths):  # a good one may lie behind them, and its generation is taken
        raise RefusedError(
            f"The {len(refusals)} newest lists in {home.snapshots} are all bad, and nobody reads more. Nothing was"
            " changed.",
            problems=tuple(f"{one.path.name}: {one.error.message}" for one in refusals[:3]),
            remedy=f"Move the files that are not yours out of {home.snapshots}.",
        )
    before = ledger.history.generation, ledger.history.s
    if newest is not None and newest.generation >= ledger.history.generation:
        before = newest.generation, newest.s
    return Shelf(newest=newest, refusals=tuple(refusals), next_generation=before[0] + 1, previous=before[1], keys=keys)


def snapshot_of(draft: Draft, shelf: Shelf, now: datetime) -> Snapshot:
    """Return the list that publishing the draft now would make, but for the digest of its names file."""
    return Snapshot(
        generation=shelf.next_generation,
        previous=shelf.previous,
        created_at=rfc3339(now),
        event=draft.event,
        entries=tuple(entry.published() for entry in draft.entries),
        names=_NO_NAMES_YET,
        prizes=draft.prizes,
        rules=draft.rules,
        entropy=draft.entropy,
        spins=draft.spins,
        source=draft.source.published(),
    )


def names_of(draft: Draft) -> Names:
    """Return the names of the draft's entries, in their order."""
    return {entry.ticket: entry.name for entry in draft.entries}


def refuse_broken(snapshot: Snapshot, names: Names) -> None:
    """Refuse a list that the kiosk would refuse.

    Raises:
        RefusedError: with every broken rule.
    """
    found = problems(snapshot)
    problem = names_file.problem_with_names(names.items())
    found += [problem] if problem else []
    if snapshot.generation > MAX_GENERATION:
        found = [f"generation {MAX_GENERATION} is published, and there is none after it: make a new home"]
    if found:
        raise RefusedError(
            f"The draft cannot be published, for {len(found)} reason(s). Nothing was changed.",
            problems=tuple(found),
            remedy="Fix the draft with wheel-admin import, entries, prizes, title or spins, and publish again.",
        )


def refuse_missing_pictures(home: Home, snapshot: Snapshot) -> None:
    """Refuse a list that names a picture which is not there.

    Raises:
        RefusedError: with every such prize.
    """
    missing = [one.id for one in snapshot.prizes if one.picture and not is_kept(home, one.picture)]
    if missing:
        raise RefusedError(
            f"The pictures of {len(missing)} prize(s) are not in {home.snapshots}. Nothing was published.",
            problems=tuple(f"the picture of prize {one} is missing or damaged" for one in missing),
            remedy=f"Name it again: wheel-admin prizes set {missing[0]} --picture FILE, or --no-picture.",
        )


def standing_of(snapshot: Snapshot, shelf: Shelf, ledger: LedgerView) -> Standing:
    """Return what publishing `snapshot` is."""
    if snapshot.event.id in ledger.history.events:
        return "correction"
    if shelf.newest is not None:
        return "correction" if shelf.newest.snapshot.event.id == snapshot.event.id else "new event"
    return "new event" if ledger.history.events else "first list"


def refuse_rewriting(home: Home, snapshot: Snapshot, shelf: Shelf, ledger: LedgerView) -> None:
    """Refuse a correction that would rewrite what happened in its event, and name the way that is open.

    Raises:
        RefusedError: with everything that it would rewrite.
    """
    state = ledger.history.events.get(snapshot.event.id)
    new_event = "For another draw, start a new event: wheel-admin event new."
    if state is not None and (state.closed or state.left):
        over = "is closed" if state.closed else "was left for another one, and that is final"
        raise RefusedError(f"This list's event {over}: nothing was published.", remedy=new_event)
    happened = _happened(home, snapshot, shelf, ledger)
    found = correction_problems(snapshot, happened) if happened else []
    if happened and found:
        raise RefusedError(
            f"A correction may not rewrite what happened in its event: {len(found)} reason(s). Nothing was published.",
            problems=tuple(found),
            remedy=" ".join([*_ways(snapshot, happened), new_event]),
        )


def foreseen_refusal(home: Home, draft: Draft) -> RefusedError | None:
    """Return what publishing the draft now would be refused for because it rewrites what happened, or None."""
    ledger = read_ledger(home)
    shelf = look(home, ledger)
    try:
        refuse_rewriting(home, snapshot_of(draft, shelf, datetime.now(UTC)), shelf, ledger)
    except RefusedError as error:
        return error
    return None


def _happened(home: Home, snapshot: Snapshot, shelf: Shelf, ledger: LedgerView) -> Happened | None:
    """Return what happened in the event of `snapshot`, or None if it is a new one."""
    state = ledger.history.events.get(snapshot.event.id)
    if state is not None:
        last = KnownLists(home.adopted, home.snapshots)(state.s)
        if last is None:
            raise RefusedError(
                f"The list {state.s[:8]} that the kiosk shows cannot be found, so this one cannot be compared with it.",
                remedy="Bring that list back from your backup, or start a new event: wheel-admin event new.",
            )
        return state.happened(last)
    newest = shelf.newest
    if newest is not None and newest.snapshot.event.id == snapshot.event.id:
        # It is not adopted yet, but it was signed and handed over: its promise holds.
        return Happened(last=newest.snapshot, spins=0, placed=frozenset(), drawn=frozenset())
    return None


def _ways(new: Snapshot, happened: Happened) -> Iterator[str]:
    if happened.placed - new.by_ticket.keys():
        yield (
            "Put the tickets back (wheel-admin undo, or wheel-admin entries add), and take them off the wheel with"
            " wheel-admin withdraw TICKET, or free their place with wheel-admin claim PRIZE PLACE absent."
        )
    if _changes_a_drawn_prize(new, happened):
        yield "Leave prizes with drawn places as they are (wheel-admin undo), and add another: wheel-admin prizes add."
    if happened.spins and new.rules != happened.last.rules:
        yield "Set the rules back as they were: wheel-admin undo takes the last change back, or wheel-admin rules set."
    elif new.rules.predetermined and not happened.last.rules.predetermined:
        yield "Let the spins be drawn: wheel-admin spins natural."


def _changes_a_drawn_prize(new: Snapshot, happened: Happened) -> bool:
    before, after = happened.last.by_prize, new.by_prize
    return any(
        one not in after or fixed_parts(after[one]) != fixed_parts(before[one])
        for one in happened.drawn & before.keys()
    )


def refuse_unchanged(home: Home, snapshot: Snapshot, names: Names, shelf: Shelf, *, voided: bool) -> None:
    """Refuse what is on the kiosk already, if the newest list is good and says the same.

    Args:
        home: where.
        snapshot: what would be published; and
        names: of its entries.
        shelf: what is published.
        voided: a spin could not be decided, so the kiosk needs a new publication.

    Raises:
        RefusedError: nothing changed.
    """
    newest = shelf.newest
    if newest is None or voided or newest.generation < shelf.next_generation - 1:  # the kiosk shows a later one
        return
    same = msgspec.structs.replace(
        newest.snapshot,
        generation=snapshot.generation,
        previous=snapshot.previous,
        created_at=snapshot.created_at,
        names=snapshot.names,
    )
    if same == snapshot and names == published_names(home, newest):
        raise RefusedError(
            f"Nothing changed since generation {newest.generation}, so nothing was published.",
            remedy="Publish it all the same with --force: the kiosk then commits to new secrets.",
        )


def published_names(home: Home, published: Published) -> Names | None:
    """Return the names of a published list, or None if its names file is gone."""
    try:
        return store.read_names(published.snapshot, (home.snapshots, home.adopted))[0]
    except NamesMissing:
        return None


def put_on_shelf(home: Home, snapshot: Snapshot, names: Names, shelf: Shelf) -> Published:
    """Write the names file, sign the list, write its file, read both back and check them.

    Args:
        home: where.
        snapshot: the list; the digest of its names file is filled in here.
        names: of its entries, in their order.
        shelf: what is published.

    Raises:
        TrustError: no signing key, or the kiosk does not trust it.
        RefusedError: the file is larger than a kiosk reads.
        HomeError: it cannot be written.
    """
    key = trusted_signing_key(home, shelf.keys)
    record_keys(home, organisers=(key.public.keyid,))
    listed = names_file.encode(names.items(), salt=secrets.token_bytes(names_file.SALT_BYTES))
    content = msgspec.structs.replace(snapshot, names=digest(listed))
    envelope = seal(encode(content), payload_type=FORMAT, key=key)
    if len(envelope) > MAX_ENVELOPE_BYTES:
        raise RefusedError(
            f"The file would have {len(envelope)} bytes, a kiosk reads at most {MAX_ENVELOPE_BYTES}.",
            remedy="Shorten tickets, groups and reasons.",
        )
    path, names_path = home.snapshot(content.generation), home.snapshots / names_name(content.names)
    write_atomic(names_path, listed, mode=SHARED)
    try:
        write_atomic(path, envelope, mode=SHARED)  # a file of that name does not verify, or its number were taken
    except HomeError:
        if not _holds(path, envelope):  # a list that is in place, though perhaps not durably, needs its names
            with contextlib.suppress(HomeError):
                remove(names_path)
        raise
    store.read_names(content, (home.snapshots,))
    return store.read(path, keys=shelf.keys)


def _holds(path: Path, data: bytes) -> bool:
    try:
        return read_file(path, limit=MAX_ENVELOPE_BYTES) == data
    except OSError:
        return False


def verified(home: Home, generation: int, keys: TrustedKeys) -> Published:
    """Read a published generation and check it.

    Raises:
        SnapshotError: it does not verify.
        RefusedError: there is no such file.
    """
    path = home.snapshot(generation)
    if not path.exists():
        raise RefusedError(
            f"There is no published generation {generation}.", remedy="wheel-admin list shows those that exist."
        )
    try:
        return store.read(path, keys=keys)
    except SnapshotError as error:
        raise RefusedError(
            f"Generation {generation} does not verify: {error.message}",
            problems=error.problems,
            remedy="Choose another one: wheel-admin list shows which are good.",
        ) from error
