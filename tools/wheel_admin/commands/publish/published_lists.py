"""`wheel-admin list` and `wheel-admin prune`: the published files, good and bad, and how to have fewer.

Invariant: `prune` never deletes what the kiosk shows, nor the newest list that verifies, whatever it was asked to keep,
nor the names file of a list that is kept, nor a request that the ledger does not hold.
"""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from kiosk.core.clock import SystemClock
from kiosk.core.durable import remove
from kiosk.core.errors import SnapshotError
from kiosk.core.home import NAMES_NAME, Home, names_name
from kiosk.core.key_files import load_trusted_keys
from kiosk.core.keys import TrustedKeys
from kiosk.intake import snapshot_files as store
from kiosk.intake.request_files import read_message
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    DryRunOption,
    HomeOption,
    JsonOption,
    add_row,
    counted,
    examples,
    existing_home,
    lock_wait_ms,
    reply,
    say,
    say_table,
    table_of,
)
from wheel_admin.draft import admin_lock
from wheel_admin.ledger_report.kiosk_status import read_status
from wheel_admin.ledger_report.ledger_view import read_ledger

LIST_EPILOG = examples("wheel-admin list", "wheel-admin list --json")
PRUNE_EPILOG = examples("wheel-admin prune --keep 10 --dry-run", "wheel-admin prune --keep 10")


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """One published file; what only a verified file can say is null when `problem` is not empty.

    Attributes:
        names: its names file is here.
    """

    generation: int
    verified: bool
    problem: str = ""
    snapshot: str | None = None
    created_at: str | None = None
    event: str | None = None
    title: str | None = None
    entries: int | None = None
    names: bool = False


class Listing(msgspec.Struct, frozen=True):
    """Every published file, newest first."""

    generations: tuple[Generation, ...]


class Pruned(msgspec.Struct, frozen=True, kw_only=True):
    """What was deleted, and older ones that were kept because they are in use, by generation; the others by file."""

    deleted: tuple[int, ...]
    names: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    kept_in_use: tuple[int, ...]
    dry_run: bool


def list_generations(*, home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """List the published generations, newest first, and whether each one verifies."""
    place = existing_home(home)
    keys = load_trusted_keys(place.trusted)
    found = tuple(_generation(place, number, keys) for number in _numbers(place))
    if as_json:
        reply(Listing(found))
        return
    if not found:
        say("Nothing is published yet. Next: wheel-admin publish")
        return
    table = table_of("Gen", "Digest", "Published (UTC)", "Entries", "Title", right=("Gen", "Entries"), cut=("Title",))
    for one in found:
        if one.verified:
            add_row(table, one.generation, (one.snapshot or "")[:8], minutes(one.created_at), one.entries, one.title)
        else:
            add_row(table, one.generation, "-", "-", "-", "NOT VERIFIED, see below")
    say_table(table)
    for one in found:
        if one.verified and not one.names:
            say(f"Generation {one.generation} has no names file: it cannot be shown or published again.")
        if not one.verified:
            say(f"Generation {one.generation} does not verify: {one.problem}")


def prune(
    *,
    keep: Annotated[int, typer.Option(min=1, show_default=False, help="How many of the newest to keep.")],
    dry_run: DryRunOption = False,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Delete old published lists, with their names files.

    The newest list that verifies and the one that the kiosk shows are never deleted. The kiosk has its own copies of
    every list that it has shown, so its draws can still be verified. Requests are deleted too, once the ledger holds
    what became of them. A list that is kept keeps its names file.
    """
    place = existing_home(home)
    with admin_lock(place, wait_ms=lock_wait_ms()):
        numbers = _numbers(place)
        needed = _in_use(place)
        old = numbers[keep:]
        deleted = tuple(number for number in old if number not in needed)
        requests = _settled_requests(place)
        names = _orphaned_names(place, [number for number in numbers if number not in deleted])
        if not dry_run:
            for path in (*requests, *map(place.snapshot, deleted), *names):  # a list goes before its names
                remove(path)
    answer = Pruned(
        deleted=deleted,
        names=tuple(path.name for path in names),
        requests=tuple(path.name for path in requests),
        kept_in_use=tuple(n for n in old if n in needed),
        dry_run=dry_run,
    )
    if as_json:
        reply(answer)
        return
    for name in (*(place.snapshot(number).name for number in answer.deleted), *answer.names, *answer.requests):
        say(f"{'would delete' if dry_run else 'deleted'} {name}")
    for number in answer.kept_in_use:
        say(f"kept {place.snapshot(number).name}: it is in use")
    say(f"{'Would be left' if dry_run else 'Left'}: {counted(len(numbers) - len(deleted), 'generation')}.")


def minutes(at: str | None) -> str:
    """Return a time of a record without seconds: `2026-05-04 09:30`."""
    return (at or "-")[:16].replace("T", " ")


def _numbers(home: Home) -> list[int]:
    found = (store.generation_of(path) for path in store.candidates(home.snapshots))
    return [number for number in found if number is not None]


def _generation(home: Home, number: int, keys: TrustedKeys) -> Generation:
    try:
        published = store.read(home.snapshot(number), keys=keys)
    except SnapshotError as error:
        return Generation(generation=number, verified=False, problem=shown_reason(error))
    return Generation(
        generation=number,
        verified=True,
        snapshot=published.s,
        created_at=published.snapshot.created_at,
        event=published.snapshot.event.id,
        title=published.snapshot.title,
        entries=len(published.snapshot.entries),
        names=home.snapshots.joinpath(names_name(published.snapshot.names)).is_file(),
    )


def shown_reason(error: SnapshotError) -> str:
    """Return why a file was refused, safe to show."""
    return "".join(character if character.isprintable() else "?" for character in error.message)


def _settled_requests(home: Home) -> list[Path]:
    """Return the request files that the ledger has dealt with. The kiosk keeps its own copies of those it recorded."""
    keys = load_trusted_keys(home.trusted)
    found = []
    for name in sorted(read_ledger(home).settled):
        path = home.snapshots / name
        try:
            read_message(path, keys=keys)
        except SnapshotError:  # gone already, or not what the ledger speaks of
            continue
        found.append(path)
    return found


def _orphaned_names(home: Home, kept: list[int]) -> list[Path]:
    """Return the names files that no list of the generations in `kept` names.

    If one of those lists does not verify, its names file is not known, and none is returned.
    """
    keys = load_trusted_keys(home.trusted)
    needed = set()
    for number in kept:
        try:
            needed.add(names_name(store.read(home.snapshot(number), keys=keys).snapshot.names))
        except SnapshotError:
            return []
    there = sorted(stamp.name for stamp in store.survey(home.snapshots, NAMES_NAME))
    return [home.snapshots / name for name in there if name not in needed]


def _in_use(home: Home) -> set[int]:
    keys = load_trusted_keys(home.trusted)
    newest, _ = store.newest_good(store.within_reason(store.candidates(home.snapshots)), keys=keys, floor=store.Floor())
    status = read_status(home, SystemClock().utc_now()).status
    says = status.generation if status else None
    used = {newest.generation if newest else None, says, read_ledger(home).history.generation}
    return {number for number in used if number}
