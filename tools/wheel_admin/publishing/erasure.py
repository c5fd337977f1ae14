"""Erases the names of a closed event, here: in the draft, in earlier drafts, and in names files.

Invariant: the caller holds the lock, and the ledger says that the event is closed. Lists, ledger and requests stay:
they hold tickets only, and are the proof. Files are deleted, not overwritten: a disk may keep what was on it.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from kiosk.core.durable import remove
from kiosk.core.errors import HomeError, SnapshotError
from kiosk.core.home import NAMES_NAME, Home, names_name
from kiosk.core.regular_files import read_regular
from kiosk.draw.modes import NATURAL
from kiosk.intake.snapshot_files import candidates, erase_names
from kiosk.snapshot.envelope import unsealed
from kiosk.snapshot.model import FORMAT, MAX_ENVELOPE_BYTES, Snapshot, decode
from wheel_admin.draft import load_draft, new_event, save_draft
from wheel_admin.earlier_drafts import earlier_drafts
from wheel_admin.participants import Source
from wheel_admin.publishing.targets import load_targets

_LIKE_A_PERSON = re.compile(r"[^\W\d_]{2,}[ .,_-]+[^\W\d_]{2,}|[^\s@]+@[^\s@]+\.[^\s@]+|\+?[\d ()/-]{9,}")
"""A ticket like `Ana Ruiz`, an e-mail address, or a telephone number."""


class Erased(msgspec.Struct, frozen=True):
    """What was erased: names files of the event, names files that no list names, and the entries of the draft."""

    names_files: int
    orphans: int
    draft_entries: int


class Kept(msgspec.Struct, frozen=True):
    """What stays: what it is, where, and why."""

    what: str
    where: str
    why: str


def has_names(home: Home, event: str) -> bool:
    """Say whether names of the event are left in the organiser's directories."""
    if any(_is_of(home, path, event) for path in earlier_drafts(home)):
        return True
    return load_draft(home).event.id == event or any(
        (home.snapshots / names_name(one.names)).is_file() for one in _lists(home) if one.event.id == event
    )


def erase(home: Home, event: str) -> Erased:
    """Erase the names of an event.

    Raises:
        HomeError: something cannot be read, written or deleted.
    """
    names_files = erase_names(event, home.snapshots)
    named = {names_name(one.names) for one in _lists(home)}
    orphans = [path for path in home.snapshots.iterdir() if NAMES_NAME.fullmatch(path.name) and path.name not in named]
    for path in orphans:
        remove(path)
    for path in earlier_drafts(home):
        remove(path)
    draft = load_draft(home)
    entries = 0
    if draft.event.id == event:
        entries = len(draft.entries)
        rules = msgspec.structs.replace(draft.rules, predetermined=False)
        emptied = msgspec.structs.replace(
            draft, event=new_event(draft.title), entries=(), source=Source(), spins=NATURAL, rules=rules
        )
        save_draft(home, emptied)
    return Erased(names_files, len(orphans), entries)


def kept(home: Home, event: str) -> Iterator[Kept]:
    """Yield what stays in the home after `erase`, and what is not here at all."""
    lists = list(_lists(home))
    tickets = {entry.ticket for one in lists if one.event.id == event for entry in one.entries}
    yield Kept("ledger, lists, signed requests", f"{home.kiosk}, {home.snapshots}", "the proof; tickets, no names")
    people = sorted(ticket for ticket in tickets if _LIKE_A_PERSON.search(ticket))
    if people:
        yield Kept(
            f"{len(people)} tickets that look like people ({', '.join(people[:3])})",
            str(home.snapshots),
            "tickets are part of the proof and cannot be erased: give numbers next time",
        )
    draft = load_draft(home)
    if draft.entries:
        yield Kept(
            f"the draft, {len(draft.entries)} entries", str(home.draft), f"it is of another event, {draft.title}"
        )
    others = [one for one in lists if one.event.id != event and (home.snapshots / names_name(one.names)).is_file()]
    if others:
        yield Kept(f"{len(others)} names files", str(home.snapshots), "other events need them")
    left = [one for one in _lists_in(home.adopted) if one.event.id == event]
    if any((home.adopted / names_name(one.names)).is_file() for one in left):
        yield Kept("the kiosk's own names files", str(home.adopted), "the kiosk deletes them: start it")
    for url in load_targets(home):
        yield Kept("names files", f"{url}, and every kiosk that fetches from there", "delete its names-*.json by hand")
    if targets := load_targets(home):
        yield Kept("names files at the targets", ", ".join(targets), "delete those called names-*.json there")
    yield Kept(
        "bundles, certificates, receipts, reports, exports, public copies",
        "wherever you put them",
        "wheel-admin does not know these places: look for them, and delete what nobody needs",
    )
    yield Kept("the spreadsheets, copies on other machines, backups, logs", "outside this home", "likewise")


def _is_of(home: Home, earlier: Path, event: str) -> bool:
    try:
        return load_draft(home, earlier).event.id == event
    except HomeError:  # damaged, and names may be in it
        return True


def _lists(home: Home) -> Iterator[Snapshot]:
    yield from _lists_in(home.snapshots)
    yield from _lists_in(home.adopted)


def _lists_in(directory: Path) -> Iterator[Snapshot]:
    for path in candidates(directory):
        try:
            data, _ = read_regular(path, limit=MAX_ENVELOPE_BYTES)
            yield decode(unsealed(data, payload_types=(FORMAT,)).payload)
        except SnapshotError:
            continue
