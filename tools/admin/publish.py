"""`wheel-admin publish`: sign the draft and put it where the kiosk looks.

Law: it says "published" only after it has read the file back and verified it with the keys that the kiosk trusts.
"""

import msgspec

from kiosk.clock import Clock, SystemClock
from kiosk.home import Home
from tools.admin.draft import edit_draft
from tools.admin.ledger_view import read_ledger
from tools.admin.options import (
    DEFAULT_HOME,
    DryRunOption,
    ForceOption,
    HomeOption,
    JsonOption,
    counted,
    examples,
    home_at,
    lock_wait_ms,
    reply,
    say,
    warn,
)
from tools.admin.publishing import (
    former_winners,
    look,
    put_on_shelf,
    refuse_broken,
    refuse_unchanged,
    snapshot_of,
    warning_about,
)

EPILOG = examples("wheel-admin publish --dry-run", "wheel-admin publish")


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What was published; `snapshot` (S) and `file` are null after a dry run.

    Attributes:
        former_winners: tickets on the list that won under an earlier generation and can win again.
    """

    generation: int
    snapshot: str | None
    previous: str | None
    file: str | None
    title: str
    entries: int
    dry_run: bool
    former_winners: tuple[str, ...] = ()


def publish(
    *,
    dry_run: DryRunOption = False,
    force: ForceOption = False,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Sign the draft as a new generation and hand it to the kiosk.

    The kiosk shows it as soon as the wheel stands still. A published list is never changed: publish again instead.
    """
    answer = publish_draft(home_at(home), clock=SystemClock(), dry_run=dry_run, force=force)
    if as_json:
        reply(answer)
        return
    warning = warning_about(answer.former_winners)
    if warning:
        warn(f"Note: {warning}")
    say_published(answer)


def publish_draft(home: Home, *, clock: Clock, dry_run: bool, force: bool) -> Published:
    """Publish the draft of `home`.

    Raises:
        RefusedError: the draft breaks a rule, or nothing changed and `force` is False.
        TrustError: no signing key, or the kiosk does not trust it.
        BusyError: another command holds the lock.
        HomeError: something cannot be read or written.
    """
    with edit_draft(home, wait_ms=lock_wait_ms()) as editing:
        ledger = read_ledger(home)
        shelf = look(home, ledger)
        snapshot = snapshot_of(editing.draft, shelf, clock.utc_now())
        refuse_broken(snapshot)
        if not force:
            refuse_unchanged(snapshot, shelf)
        written = None if dry_run else put_on_shelf(home, snapshot, shelf)
        return Published(
            generation=snapshot.generation,
            snapshot=written.s if written else None,
            previous=snapshot.previous,
            file=str(written.path) if written else None,
            title=snapshot.title,
            entries=len(snapshot.entries),
            dry_run=dry_run,
            former_winners=former_winners(ledger, snapshot),
        )


def say_published(answer: Published) -> None:
    """Write the answer for the organiser."""
    held = f"{answer.title}, {counted(answer.entries, 'entry', 'entries')}"
    if answer.snapshot is None:
        say(f"would publish generation {answer.generation}: {held}. Nothing was changed (--dry-run).")
    else:
        say(f"published generation {answer.generation}, S {answer.snapshot[:8]}: {held}")
