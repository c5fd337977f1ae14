"""What a published list is: the payload `wheel-snapshot/1`, its types and its limits.

Invariant: pure. Bytes become a `Snapshot` here or not at all; whoever holds one may rely on every rule below. A new
meaning gets a new format name, so unknown fields are refused. A list has one form as bytes, the one that `encode`
writes: what leaves a field out, or says it twice, could mean one thing here and another to a verifier.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from kiosk.core.errors import SnapshotMalformed
from kiosk.core.text_rules import problem_with, problem_with_ticket
from kiosk.draw.modes import Fixed, Mixed, Natural, Spins, fixed_steps

FORMAT: Literal["wheel-snapshot/1"] = "wheel-snapshot/1"
PAYLOAD_TYPE = "application/vnd.wheel-snapshot+json"

MAX_ENTRIES = 3000
MAX_WEIGHT = 1_000_000
"""So that 3000 entries stay below 2^32 in total, and no segment is ever empty."""
MAX_STEPS = 1000
MAX_TICKET = 40
MAX_NAME = 120
MAX_TITLE = 120
MAX_REASON = 300
MAX_GENERATION = 999_999
"""Six digits in the file's name, so that names sort as numbers do."""
MAX_SOURCE_NAME = 255
MAX_ENVELOPE_BYTES = 8 << 20
"""3000 entries and 1000 steps with every text at its limit stay below this; anything larger is not parsed."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A participant: unique `ticket`, `name` to show, `weight` (1 is one chance)."""

    ticket: str
    name: str
    weight: int = 1


class SourceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that participants came from: its name without directories, its SHA-256, the data rows read from it."""

    name: str
    sha256: str
    rows: int


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The import receipt in short: rows accepted and rejected over all `files`."""

    files: tuple[SourceFile, ...] = ()
    accepted: int = 0
    rejected: int = 0


class Snapshot(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One published list, immutable.

    Attributes:
        generation: rises by one with each publication, from 1 (0 is the built-in sample list).
        previous: S of the one before, or None.
        created_at: UTC, RFC 3339.
        entries: 1..3000, tickets unique, in the order that the wheel shows.
        spins: which spins are drawn and which are set beforehand.
        remove_winners: winners leave the wheel.
    """

    format: Literal["wheel-snapshot/1"] = FORMAT
    generation: int
    previous: str | None
    created_at: str
    title: str
    entries: tuple[Entry, ...]
    spins: Spins
    remove_winners: bool
    source: Source

    @property
    def weighted_tickets(self) -> tuple[tuple[str, int], ...]:
        """What the draw needs of the entries: (ticket, weight), in order."""
        return tuple((entry.ticket, entry.weight) for entry in self.entries)


DEMO_GENERATION = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that may be on the wheel: its content and its name."""

    snapshot: Snapshot
    s: str

    @property
    def demo(self) -> bool:
        """Whether it is the sample list, whose spins are no draws."""
        return self.snapshot.generation == DEMO_GENERATION


def encode(snapshot: Snapshot) -> bytes:
    """Return the payload's bytes: what is signed and hashed."""
    return msgspec.json.encode(snapshot)


def decode(payload: bytes) -> Snapshot:
    """Parse the payload and check every rule.

    Raises:
        SnapshotMalformed: not JSON, not this format, not in its one form, or a rule is broken; `problems` lists every
            broken rule.
    """
    try:
        snapshot = msgspec.json.decode(payload, type=Snapshot)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise SnapshotMalformed(f"The payload is not a {FORMAT}: {error}.") from error
    if encode(snapshot) != payload:
        raise SnapshotMalformed(f"The payload is not a {FORMAT}: it is not in the one form that a list has.")
    found = problems(snapshot)
    if found:
        raise SnapshotMalformed(f"The list breaks {len(found)} rule(s): {found[0]}.", problems=tuple(found))
    return snapshot


def problems(snapshot: Snapshot) -> list[str]:
    """Return every broken rule as a phrase for people; empty means that the list may be published and shown."""
    found: list[str] = []
    if not 0 <= snapshot.generation <= MAX_GENERATION:
        found.append(f"generation {snapshot.generation} is outside 0..{MAX_GENERATION}")
    if snapshot.previous is not None and not _is_digest(snapshot.previous):
        found.append("previous is not a SHA-256 in lowercase hex")
    if not _is_time(snapshot.created_at):
        found.append("created_at is not a time in UTC like 2026-05-04T09:30:00.125Z")
    _check_source(found, snapshot.source)
    _check_text(found, snapshot.title, what="the title", limit=MAX_TITLE)
    _check_entries(found, snapshot.entries)
    _check_spins(found, snapshot)
    return found


def _check_text(found: list[str], text: str, *, what: str, limit: int) -> None:
    problem = problem_with(text, what=what, limit=limit)
    if problem:
        found.append(problem)


def _check_source(found: list[str], source: Source) -> None:
    if min(source.accepted, source.rejected) < 0:
        found.append("the source counts fewer than no rows")
    for number, file in enumerate(source.files, start=1):
        _check_text(found, file.name, what=f"source file {number}: the name", limit=MAX_SOURCE_NAME)
        if "/" in file.name or "\\" in file.name:
            found.append(f"source file {number}: the name holds a directory")
        if not _is_digest(file.sha256) or file.rows < 0:
            found.append(f"source file {number}: its SHA-256 or its number of rows is wrong")


def _is_digest(text: str) -> bool:
    return re.fullmatch("[0-9a-f]{64}", text) is not None


def _is_time(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z", text, re.ASCII):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _check_entries(found: list[str], entries: tuple[Entry, ...]) -> None:
    if not entries:
        found.append("the list has no entries")
    if len(entries) > MAX_ENTRIES:
        found.append(f"the list has {len(entries)} entries, at most {MAX_ENTRIES} are allowed")
    seen: dict[str, int] = {}
    for number, entry in enumerate(entries[: MAX_ENTRIES + 1], start=1):
        wrong = problem_with_ticket(entry.ticket, what=f"entry {number}: the ticket", limit=MAX_TICKET)
        if wrong:
            found.append(wrong)
        _check_text(found, entry.name, what=f"entry {number} ({entry.ticket}): the name", limit=MAX_NAME)
        if not 1 <= entry.weight <= MAX_WEIGHT:
            found.append(f"entry {number} ({entry.ticket}): weight {entry.weight} is outside 1..{MAX_WEIGHT}")
        first = seen.setdefault(entry.ticket, number)
        if first != number:
            found.append(f"entry {number}: ticket {entry.ticket} is already entry {first}")


def _check_spins(found: list[str], snapshot: Snapshot) -> None:
    spins = snapshot.spins
    if isinstance(spins, Mixed) and not 1 <= len(spins.steps) <= MAX_STEPS:
        found.append(f"the mixed list has {len(spins.steps)} steps, 1 to {MAX_STEPS} are allowed")
    tickets = {entry.ticket for entry in snapshot.entries}
    fixed = fixed_steps(spins)
    for step in fixed:
        _check_text(found, step.reason, what=f"the reason for fixing ticket {step.ticket}", limit=MAX_REASON)
        if step.ticket not in tickets:
            found.append(f"the fixed ticket {step.ticket} is not on the list")
    if snapshot.remove_winners and isinstance(spins, Mixed):
        named = [step.ticket for step in fixed]
        found.extend(
            f"ticket {ticket} is fixed {named.count(ticket)} times, but winners leave the wheel"
            for ticket in dict.fromkeys(named)
            if named.count(ticket) > 1
        )


__all__ = [
    "FORMAT",
    "MAX_ENTRIES",
    "MAX_ENVELOPE_BYTES",
    "MAX_GENERATION",
    "MAX_NAME",
    "MAX_REASON",
    "MAX_STEPS",
    "MAX_TICKET",
    "MAX_TITLE",
    "MAX_WEIGHT",
    "PAYLOAD_TYPE",
    "Entry",
    "Fixed",
    "Mixed",
    "Natural",
    "Snapshot",
    "Source",
    "SourceFile",
    "Spins",
    "decode",
    "encode",
    "problems",
]
