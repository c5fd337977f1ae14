"""`wheel-admin republish GENERATION` and `publish --undo`: back to an old list, by going forward.

Invariant: the old content gets a new generation, and only content that still verifies comes back. `republish` leaves
the draft as it is.
"""

import contextlib
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
import typer

from kiosk.core.clock import Clock, SystemClock, rfc3339
from kiosk.core.errors import HomeError, RefusedError, SnapshotError
from kiosk.core.home import Home
from kiosk.intake import snapshot_files as store
from kiosk.snapshot.model import Names, Snapshot
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    ForceOption,
    HomeOption,
    JsonOption,
    examples,
    existing_home,
    lock_wait_ms,
    reply,
    say,
)
from wheel_admin.commands.publish.publication_answer import Published, say_published
from wheel_admin.draft import Draft, admin_lock, edit_draft, load_draft
from wheel_admin.earlier_drafts import earlier_drafts
from wheel_admin.ledger_report.ledger_view import LedgerView, read_ledger
from wheel_admin.participants import Entry, Source, SourceFile
from wheel_admin.publishing.publication import (
    Shelf,
    look,
    published_names,
    put_on_shelf,
    refuse_rewriting,
    refuse_unchanged,
    standing_of,
    verified,
)

EPILOG = examples("wheel-admin list", "wheel-admin republish 41")


def republish(
    generation: Annotated[int, typer.Argument(min=1, show_default=False, help="The generation to bring back.")],
    *,
    force: ForceOption = False,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Publish an old list again, under a new generation."""
    answer = republish_generation(existing_home(home), generation, clock=SystemClock(), force=force)
    if as_json:
        reply(answer)
        return
    say_published(answer)
    say(f"It is what generation {generation} was. The draft was not changed.")


def republish_generation(home: Home, generation: int, *, clock: Clock, force: bool) -> Published:
    """Publish the content of `generation` again.

    Raises:
        RefusedError: there is no such file, it does not verify, its names are erased, it would rewrite what happened,
            or it is what is published now and `force` is False.
        TrustError: no signing key, or the kiosk does not trust it.
        BusyError: another command holds the lock.
        HomeError: something cannot be read or written.
    """
    with admin_lock(home, wait_ms=lock_wait_ms()):
        ledger = read_ledger(home)
        shelf = look(home, ledger)
        old = verified(home, generation, shelf.keys)
        return _publish_again(home, old, _names(home, old), shelf, ledger, now=clock.utc_now(), force=force)


def undo_publication(home: Home, *, clock: Clock) -> tuple[Published, int]:
    """Publish the list before the newest one again, and make the draft that list; returns its generation too.

    Raises:
        RefusedError: there is no list before, its names are erased, or it would rewrite what happened.
        TrustError, BusyError, HomeError: as with every publication.
    """
    with edit_draft(home, wait_ms=lock_wait_ms()) as editing:
        ledger = read_ledger(home)
        shelf = look(home, ledger)
        old = _before(home, shelf)
        names = _names(home, old)
        sources = [editing.draft.source, *_earlier_sources(home)]
        answer = _publish_again(home, old, names, shelf, ledger, now=clock.utc_now(), force=False)
        editing.draft = draft_of(old.snapshot, names, sources)
    return answer, old.generation


def _before(home: Home, shelf: Shelf) -> store.Published:
    """Return the list that the newest one names as its predecessor."""
    newest = shelf.newest
    if newest is None:
        raise RefusedError("Nothing is published yet, so there is nothing to take back.")
    for path in store.candidates(home.snapshots):
        with contextlib.suppress(SnapshotError):
            found = store.read(path, keys=shelf.keys)
            if found.s == newest.snapshot.previous:
                return found
    raise RefusedError(
        f"There is no list before generation {newest.generation}. Nothing was published.",
        remedy="Take back changes of the draft with wheel-admin undo, and publish it.",
    )


def _earlier_sources(home: Home) -> list[Source]:
    found = []
    for path in earlier_drafts(home):
        with contextlib.suppress(HomeError):  # a damaged one knows no names of files
            found.append(load_draft(home, path).source)
    return found


def draft_of(snapshot: Snapshot, names: Names, sources: Sequence[Source]) -> Draft:
    """Return a published list as a draft.

    Args:
        snapshot: the list.
        names: of its entries.
        sources: of drafts, which know the names of the files that a published list holds only the hashes of.
    """
    files = {file.sha256: file.name for source in sources for file in source.files}
    published = snapshot.source
    return Draft(
        event=snapshot.event,
        entries=tuple(
            Entry(entry.ticket, names[entry.ticket], entry.weight, entry.group, entry.household)
            for entry in snapshot.entries
        ),
        prizes=snapshot.prizes,
        rules=snapshot.rules,
        entropy=snapshot.entropy,
        spins=snapshot.spins,
        source=Source(
            files=tuple(
                SourceFile(files.get(file.sha256, "a file of an earlier list"), file.sha256, file.rows)
                for file in published.files
            ),
            accepted=published.accepted,
            rejected=published.rejected,
        ),
    )


def _names(home: Home, old: store.Published) -> Names:
    names = published_names(home, old)
    if names is None:
        raise RefusedError(
            f"The names file of generation {old.generation} is gone, and a kiosk takes no list without it.",
            remedy="Import the list again.",
        )
    return names


def _publish_again(
    home: Home, old: store.Published, names: Names, shelf: Shelf, ledger: LedgerView, *, now: datetime, force: bool
) -> Published:
    snapshot = msgspec.structs.replace(
        old.snapshot, generation=shelf.next_generation, previous=shelf.previous, created_at=rfc3339(now)
    )
    refuse_rewriting(home, snapshot, shelf, ledger)
    standing = standing_of(snapshot, shelf, ledger)
    if not force:
        refuse_unchanged(home, snapshot, names, shelf, voided=ledger.history.voided)
    written = put_on_shelf(home, snapshot, names, shelf)
    return Published(
        generation=written.generation,
        snapshot=written.s,
        previous=snapshot.previous,
        event=snapshot.event.id,
        standing=standing,
        file=str(written.path),
        title=snapshot.title,
        entries=len(snapshot.entries),
        dry_run=False,
    )
