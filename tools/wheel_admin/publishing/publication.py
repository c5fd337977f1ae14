"""How a list becomes a published file, for `publish` and `republish`.

Invariant: a generation number is never used twice, not even one whose file is damaged or that only the ledger
remembers. What is written was checked before, and is then read back and verified with the keys that the kiosk trusts.
The caller holds the lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from kiosk.core.clock import rfc3339
from kiosk.core.durable import SHARED, write_atomic
from kiosk.core.errors import RefusedError, SnapshotError, TrustError
from kiosk.core.home import Home
from kiosk.core.key_files import load_trusted_keys
from kiosk.core.keys import TrustedKeys
from kiosk.intake import snapshot_files as store
from kiosk.intake.snapshot_files import Published, Refusal
from kiosk.snapshot.envelope import seal
from kiosk.snapshot.model import MAX_ENVELOPE_BYTES, PAYLOAD_TYPE, Snapshot, encode, problems
from wheel_admin.draft import Draft
from wheel_admin.ledger_report.ledger_view import LedgerView
from wheel_admin.publishing.signing_key import load_signing_key

LISTED_WINNERS = 10
"""Former winners that a warning names; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What lies in snapshots/ and what comes next.

    Attributes:
        newest: the newest file that verifies; None if there is none.
        refusals: newer files that do not.
        next_generation: above every file's number and everything that the ledger says was adopted.
        keys: what the kiosk trusts.
    """

    newest: Published | None
    refusals: tuple[Refusal, ...]
    next_generation: int
    keys: TrustedKeys

    @property
    def previous(self) -> str | None:
        """S of the newest good file: what the next one names as its predecessor."""
        return self.newest.s if self.newest else None


def look(home: Home, ledger: LedgerView) -> Shelf:
    """Look at what is published.

    Raises:
        HomeError: the trusted keys cannot be read.
    """
    keys = load_trusted_keys(home.trusted)
    paths = list(store.candidates(home.snapshots))
    newest, refusals = store.newest_good(paths, keys=keys, floor=store.Floor())
    numbers = [number for path in paths if (number := store.generation_of(path)) is not None]
    highest = max([*numbers, ledger.highest_generation], default=0)
    return Shelf(newest=newest, refusals=tuple(refusals), next_generation=highest + 1, keys=keys)


def snapshot_of(draft: Draft, shelf: Shelf, now: datetime) -> Snapshot:
    """Return the snapshot that publishing the draft now would make."""
    return Snapshot(
        generation=shelf.next_generation,
        previous=shelf.previous,
        created_at=rfc3339(now),
        title=draft.title,
        entries=draft.entries,
        spins=draft.spins,
        remove_winners=draft.remove_winners,
        source=draft.source,
    )


def refuse_broken(snapshot: Snapshot) -> None:
    """Refuse a list that the kiosk would refuse.

    Raises:
        RefusedError: with every broken rule.
    """
    found = problems(snapshot)
    if found:
        raise RefusedError(
            f"The draft cannot be published, for {len(found)} reason(s). Nothing was changed.",
            problems=tuple(found),
            remedy="Mend the draft with wheel-admin import, entries, title or spins, and publish again.",
        )


def refuse_unchanged(snapshot: Snapshot, shelf: Shelf) -> None:
    """Refuse what is on the kiosk already, if the file of the last generation is good and says the same.

    Raises:
        RefusedError: nothing changed.
    """
    newest = shelf.newest
    if newest is None or newest.generation != shelf.next_generation - 1:
        return
    same = msgspec.structs.replace(
        newest.snapshot,
        generation=snapshot.generation,
        previous=snapshot.previous,
        created_at=snapshot.created_at,
    )
    if same == snapshot:
        raise RefusedError(
            f"Nothing changed since generation {newest.generation}, so nothing was published.",
            remedy="Publish it all the same, as a new generation in which nobody has won yet, with --force.",
        )


def put_on_shelf(home: Home, snapshot: Snapshot, shelf: Shelf) -> Published:
    """Sign the snapshot, write its file, read it back and check it.

    Raises:
        TrustError: no signing key, or the kiosk does not trust it.
        RefusedError: the file is larger than a kiosk reads, or its generation is taken.
        HomeError: it cannot be written.
    """
    key = load_signing_key(home)
    if key.public.keyid not in shelf.keys:
        raise TrustError(
            f"The kiosk of this home does not trust the signing key {key.public.keyid[:8]}.",
            remedy=f"Bring back the key that belongs to {home.trusted}, or put this one's public key there.",
        )
    envelope = seal(encode(snapshot), payload_type=PAYLOAD_TYPE, key=key)
    if len(envelope) > MAX_ENVELOPE_BYTES:
        raise RefusedError(
            f"The file would have {len(envelope)} bytes, a kiosk reads at most {MAX_ENVELOPE_BYTES}.",
            remedy="Shorten names and reasons.",
        )
    path = home.snapshot(snapshot.generation)
    try:
        write_atomic(path, envelope, mode=SHARED, replace=False)
    except FileExistsError as error:
        raise RefusedError(f"{path} exists already.", remedy="Publish again.") from error
    return store.read(path, keys=shelf.keys)


def former_winners(ledger: LedgerView, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the tickets on the list that already won, when winners are meant to leave the wheel."""
    if not snapshot.remove_winners:
        return ()
    won = {draw.ticket for draw in ledger.draws if draw.mode in {"natural", "fixed"}}
    return tuple(entry.ticket for entry in snapshot.entries if entry.ticket in won)


def warning_about(winners: Sequence[str]) -> str:
    """Return the warning about former winners; empty if there are none."""
    if not winners:
        return ""
    more = f" and {len(winners) - LISTED_WINNERS} more" if len(winners) > LISTED_WINNERS else ""
    named = " ".join(f'"{ticket}"' if " " in ticket else ticket for ticket in winners[:LISTED_WINNERS])
    plural = len(winners) != 1
    return (
        f"{len(winners)} {'tickets on this list have' if plural else 'ticket on this list has'} won before, and a new "
        f"generation starts anew: {'they' if plural else 'it'} can win again. To take {'them' if plural else 'it'} "
        f"off: wheel-admin entries remove {named}{more}"
    )


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
