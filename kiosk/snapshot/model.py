"""What a published list is: the payload `wheel-snapshot/2`, its types and its limits.

Invariant: pure. Bytes become a `Snapshot` here or not at all; who holds one may rely on every rule below. Unknown
fields are refused: a new meaning gets a new format name. A list has one form as bytes (`kiosk.core.canonical`). It
holds no names: those are in the names file that it names by digest (`kiosk.snapshot.names`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

import msgspec

from kiosk.core import canonical
from kiosk.core.canonical import NotCanonical
from kiosk.core.errors import SnapshotMalformed
from kiosk.core.text_rules import is_time_in_form, problem_with, problem_with_ticket
from kiosk.draw.entropy import problem_with_items
from kiosk.draw.modes import Spins, Step, fixed_steps

FORMAT: Literal["wheel-snapshot/2"] = "wheel-snapshot/2"
"""Also the envelope's payloadType."""

MAX_ENTRIES = 3000
MAX_WEIGHT = 1_000_000  # 3000 entries stay below 2^32 in total: no segment is ever empty
MAX_HOUSEHOLD = 999_999
MAX_PRIZES = 200
MAX_QUANTITY = 3000
MAX_RESERVES = 200
MAX_PER_PRESS = 200
MAX_STEPS = 1000
MAX_TICKET = 40
MAX_GROUP = 40
MAX_GROUPS = 50  # that one prize names
MAX_TITLE = 120
MAX_REASON = 300
MAX_GENERATION = 999_999
"""Six digits in the file's name, so that names sort as numbers do."""
MAX_SOURCES = 1000
MAX_ROWS = (1 << 53) - 1
MAX_ENVELOPE_BYTES = 8 << 20
"""A list with every text at its limit stays below this."""

_DIGEST = re.compile("[0-9a-f]{64}")
_EVENT_ID = re.compile("[0-9a-f]{16}")
_PRIZE_ID = re.compile("[a-z0-9-]{1,40}")
_PICTURE = re.compile(r"[0-9a-f]{64}\.(?:png|jpg|webp)")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z", re.ASCII)

NO_PRIZE = ""
"""The prize of a list without prizes."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a payload: every field is always there, in this order."""


class Event(_Part, frozen=True):
    """An evening of draws: `id` is 16 hex digits that the organiser's tool made, `title` is for the screen."""

    id: str
    title: str


class Entry(_Part, frozen=True):
    """A participant: unique `ticket`, `weight` (1 is one chance), `group` or "", `household` or 0."""

    ticket: str
    weight: int
    group: str
    household: int


class Prize(_Part, frozen=True):
    """What is drawn for.

    Attributes:
        id: its name in records; `title`, `picture` (SHA-256 and suffix, or "") and `sponsor` are for the screen.
        quantity: winners' places 1..quantity.
        reserves: reserves' places quantity+1..quantity+reserves.
        per_press: places that one press fills.
        groups: who may win it; all if empty.
    """

    id: str
    title: str
    quantity: int
    reserves: int
    per_press: int
    groups: tuple[str, ...]
    picture: str
    sponsor: str


class Rules(_Part, frozen=True):
    """The rules of the event.

    Attributes:
        win_once: what a winner is out of from then on.
        household_once: a winner's household is out with them.
        presence: a winner has to be there, so one can be absent.
        predetermined: the organiser may fix spins. False is a signed promise.
        order: prizes in their listed order, or as the operator chooses.
        names: how much of a name the screen shows.
    """

    win_once: Literal["event", "prize", "never"]
    household_once: bool
    presence: bool
    predetermined: bool
    order: Literal["listed", "free"]
    names: Literal["full", "short", "ticket"]


class SourceFile(_Part, frozen=True):
    """A file that participants came from, and the data rows read from it."""

    sha256: str
    rows: int


class Source(_Part, frozen=True):
    """The import receipt in short: rows accepted and rejected over all `files`."""

    files: tuple[SourceFile, ...]
    accepted: int
    rejected: int


class Snapshot(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """One published list, immutable.

    Attributes:
        generation: rises by one with each publication, from 1 (0 is the sample list).
        previous: S of the one before, or "".
        created_at: UTC, RFC 3339.
        entries: 1..3000, tickets unique, in the order that the wheel shows.
        names: SHA-256 of the names file.
        prizes: in their order; none for a simple wheel.
        entropy: the public entropy that this list will use, in order.
        spins: which spins are drawn and which are predetermined.
    """

    format: Literal["wheel-snapshot/2"] = FORMAT
    generation: int
    previous: str
    created_at: str
    event: Event
    entries: tuple[Entry, ...]
    names: str
    prizes: tuple[Prize, ...]
    rules: Rules
    entropy: tuple[str, ...]
    spins: Spins
    source: Source

    @property
    def title(self) -> str:
        """What the screen calls the event."""
        return self.event.title

    @cached_property
    def by_ticket(self) -> Mapping[str, Entry]:
        """The entries by ticket."""
        return {entry.ticket: entry for entry in self.entries}

    @cached_property
    def by_prize(self) -> Mapping[str, Prize]:
        """The prizes by id."""
        return {prize.id: prize for prize in self.prizes}

    @cached_property
    def weight(self) -> int:
        """The total weight."""
        return sum(entry.weight for entry in self.entries)


DEMO_GENERATION = 0

Names: TypeAlias = Mapping[str, str]
"""Names by ticket; empty where there are none (yet, or any more)."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that may be on the wheel.

    Attributes:
        s: its snapshot's digest: the list's name everywhere.
        names: of its entries; empty if its names file is gone: tickets are shown then.
        signer: id of the organiser's key that signed it; "" for the sample list.
    """

    snapshot: Snapshot
    s: str
    names: Names = field(default_factory=dict, repr=False, compare=False)
    signer: str = ""

    @property
    def demo(self) -> bool:
        """Whether it is the sample list, whose spins are no draws."""
        return self.snapshot.generation == DEMO_GENERATION

    def shown_name(self, ticket: str) -> str:
        """Return what the screen calls the entry with that ticket, as the rules say."""
        rule = self.snapshot.rules.names
        name = self.names.get(ticket, "")
        if rule == "ticket" or not name:
            return ticket
        return name if rule == "full" else shortened(name)


def shortened(name: str) -> str:
    """Return the first word and the initial of the last one: "Ada Lovelace" becomes "Ada L."."""
    words = name.split()
    return name if len(words) < 2 else f"{words[0]} {words[-1][0]}."


def encode(snapshot: Snapshot) -> bytes:
    """Return the payload's bytes: what is signed and hashed.

    Raises:
        NotCanonical: a text holds a control character or a lone surrogate.
    """
    return canonical.encode(snapshot)


def decode(payload: bytes) -> Snapshot:
    """Parse the payload and check every rule.

    Raises:
        SnapshotMalformed: not this format, not canonically encoded, or a rule is broken; `problems` lists every one.
    """
    try:
        snapshot = canonical.decode(payload, kind=Snapshot)
    except NotCanonical as error:
        raise SnapshotMalformed(f"The payload is not a {FORMAT}: {error}.") from error
    found = problems(snapshot)
    if found:
        raise SnapshotMalformed(f"The list breaks {len(found)} rule(s): {found[0]}.", problems=tuple(found))
    return snapshot


def problems(snapshot: Snapshot) -> list[str]:
    """Return every broken rule as a phrase for people; empty means that the list may be published and shown."""
    return [problem for check in _CHECKS for problem in check(snapshot) if problem]


def is_digest(text: str) -> bool:
    """Say whether `text` is a SHA-256 in lowercase hex."""
    return _DIGEST.fullmatch(text) is not None


def is_event_id(text: str) -> bool:
    """Say whether `text` can be an event's id."""
    return _EVENT_ID.fullmatch(text) is not None


def is_prize_id(text: str) -> bool:
    """Say whether `text` can be a prize's id."""
    return _PRIZE_ID.fullmatch(text) is not None


def _head(snapshot: Snapshot) -> Iterator[str | None]:
    if not 0 <= snapshot.generation <= MAX_GENERATION:
        yield f"generation {snapshot.generation} is outside 0..{MAX_GENERATION}"
    if not is_digest(snapshot.previous) if snapshot.generation > 1 else snapshot.previous:
        yield "previous is not a SHA-256 in lowercase hex, or there is one before generation 1"
    if not is_time_in_form(snapshot.created_at, _TIME):
        yield "created_at is not a time in UTC like 2026-05-04T09:30:00.125Z"
    if not is_event_id(snapshot.event.id):
        yield "the event's id is not 16 lowercase hex digits"
    yield problem_with(snapshot.event.title, what="the title", limit=MAX_TITLE)
    if not is_digest(snapshot.names):
        yield "names is not a SHA-256 in lowercase hex"
    if problem := problem_with_items(snapshot.entropy):
        yield f"the public entropy, {problem}"


def _source(snapshot: Snapshot) -> Iterator[str | None]:
    source = snapshot.source
    if len(source.files) > MAX_SOURCES or not all(0 <= rows <= MAX_ROWS for rows in (source.accepted, source.rejected)):
        yield "the source has too many files, or counts fewer than no rows, or too many"
    for number, file in enumerate(source.files[:MAX_SOURCES], start=1):
        if not is_digest(file.sha256) or not 0 <= file.rows <= MAX_ROWS:
            yield f"source file {number}: its SHA-256 or its number of rows is wrong"


def _entries(snapshot: Snapshot) -> Iterator[str | None]:
    entries = snapshot.entries
    if not entries:
        yield "the list has no entries"
    elif len(entries) > MAX_ENTRIES:
        yield f"the list has {len(entries)} entries, at most {MAX_ENTRIES} are allowed"
    seen: dict[str, int] = {}
    for number, entry in enumerate(entries[: MAX_ENTRIES + 1], start=1):
        if problem := problem_with_ticket(entry.ticket, what="the ticket", limit=MAX_TICKET):
            yield f"entry {number}: {problem}"
        if entry.group:
            yield problem_with(entry.group, what=f"entry {number} ({entry.ticket}): the group", limit=MAX_GROUP)
        if not 1 <= entry.weight <= MAX_WEIGHT:
            yield f"entry {number} ({entry.ticket}): weight {entry.weight} is outside 1..{MAX_WEIGHT}"
        if not 0 <= entry.household <= MAX_HOUSEHOLD:
            yield f"entry {number} ({entry.ticket}): household {entry.household} is outside 0..{MAX_HOUSEHOLD}"
        first = seen.setdefault(entry.ticket, number)
        if first != number:
            yield f"entry {number}: ticket {entry.ticket} is already entry {first}"


def _prizes(snapshot: Snapshot) -> Iterator[str | None]:
    prizes = snapshot.prizes
    if len(prizes) > MAX_PRIZES:
        yield f"the list has {len(prizes)} prizes, at most {MAX_PRIZES} are allowed"
    seen: dict[str, int] = {}
    for number, prize in enumerate(prizes[: MAX_PRIZES + 1], start=1):
        first = seen.setdefault(prize.id, number)
        if first != number:
            yield f"prize {number}: the id {prize.id} is already that of prize {first}"
        for problem in (*_prize_numbers(prize), *_prize_texts(prize)):
            if problem:
                yield f"prize {number}: {problem}"


def _prize_numbers(prize: Prize) -> Iterator[str]:
    if not 1 <= prize.quantity <= MAX_QUANTITY:
        yield f"quantity {prize.quantity} is outside 1..{MAX_QUANTITY}"
    if not 0 <= prize.reserves <= MAX_RESERVES:
        yield f"reserves {prize.reserves} is outside 0..{MAX_RESERVES}"
    if not 1 <= prize.per_press <= MAX_PER_PRESS:
        yield f"per_press {prize.per_press} is outside 1..{MAX_PER_PRESS}"


def _prize_texts(prize: Prize) -> Iterator[str | None]:
    if not is_prize_id(prize.id):
        yield "the id is not 1 to 40 of a-z, 0-9 and hyphen"
    yield problem_with(prize.title, what="the title", limit=MAX_TITLE)
    if len(set(prize.groups)) != len(prize.groups):
        yield "a group is named twice"
    if len(prize.groups) > MAX_GROUPS:
        yield f"it names {len(prize.groups)} groups, at most {MAX_GROUPS} are allowed"
    for group in prize.groups[:MAX_GROUPS]:
        yield problem_with(group, what="the group", limit=MAX_GROUP)
    if prize.picture and not _PICTURE.fullmatch(prize.picture):
        yield "the picture is not a SHA-256 and .png, .jpg or .webp"
    if prize.sponsor:
        yield problem_with(prize.sponsor, what="the sponsor", limit=MAX_TITLE)


def _spins(snapshot: Snapshot) -> Iterator[str | None]:
    spins = snapshot.spins
    if spins.mode == "mixed":
        if not 1 <= len(spins.steps) <= MAX_STEPS:
            yield f"the mixed list has {len(spins.steps)} steps, 1 to {MAX_STEPS} are allowed"
        if not spins.then:
            yield "the mixed list does not say what follows its last step"
    elif spins.steps or spins.then:
        yield f"spins of mode {spins.mode} have no steps and nothing that follows"
    if spins.mode != "fixed" and (spins.ticket or spins.reason):
        yield f"spins of mode {spins.mode} name no ticket and no reason"
    for number, step in enumerate(spins.steps[:MAX_STEPS], start=1):
        if step.mode == "natural" and (step.ticket or step.reason):
            yield f"step {number} is natural, and names a ticket or a reason"


def _predetermined(snapshot: Snapshot) -> Iterator[str | None]:
    spins, rules = snapshot.spins, snapshot.rules
    fixed = fixed_steps(spins)[:MAX_STEPS]
    if fixed and not rules.predetermined:
        yield "a spin is fixed, but the rules promise that none is predetermined"
    for step in fixed:
        yield from _fixed_step(snapshot, step)
    once = rules.win_once == "event" or (rules.win_once == "prize" and not snapshot.prizes)
    if once and spins.mode == "mixed":
        for ticket, times in Counter(step.ticket for step in fixed).items():
            if times > 1:
                yield f"ticket {ticket} is fixed {times} times, but can win only once"


def _fixed_step(snapshot: Snapshot, step: Step) -> Iterator[str | None]:
    yield problem_with(step.reason, what=f"the reason for fixing ticket {step.ticket}", limit=MAX_REASON)
    if step.ticket not in snapshot.by_ticket:
        yield f"the fixed ticket {step.ticket} is not on the list"


_CHECKS = (_head, _source, _entries, _prizes, _spins, _predetermined)
