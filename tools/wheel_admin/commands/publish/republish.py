"""`wheel-admin republish GENERATION`: back to an old list, by going forward.

Invariant: the old content gets a new generation, and only content that still verifies comes back. The draft stays as it
is.
"""

from typing import Annotated

import msgspec
import typer

from kiosk.core.clock import Clock, SystemClock, rfc3339
from kiosk.core.errors import RefusedError
from kiosk.core.home import Home
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
from wheel_admin.commands.publish.publish import Published, say_published
from wheel_admin.draft import admin_lock
from wheel_admin.ledger_report.ledger_view import read_ledger
from wheel_admin.publishing.publication import (
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
        names = published_names(home, old)
        if names is None:
            raise RefusedError(
                f"The names file of generation {generation} is gone, and a kiosk takes no list without it.",
                remedy="Import the list again.",
            )
        snapshot = msgspec.structs.replace(
            old.snapshot,
            generation=shelf.next_generation,
            previous=shelf.previous,
            created_at=rfc3339(clock.utc_now()),
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
