"""Drafts and lists in words: what they hold, and how two of them differ.

Invariant: pure; sentences for people and structs for `--json`, no output.
"""

import msgspec

from kiosk.draw.modes import Fixed, Mixed, Spins, Step
from kiosk.snapshot.model import Entry, Snapshot
from wheel_admin.draft import Draft
from wheel_admin.importing.tables import shown

_AFTER = {"natural": "then natural", "repeat": "then from the start again", "stop": "then no more spins"}
_STEPS_IN_WORDS = 5


class Renamed(msgspec.Struct, frozen=True):
    """An entry whose name is another one now."""

    ticket: str
    before: str
    after: str


class Reweighted(msgspec.Struct, frozen=True):
    """An entry whose number of chances is another one now."""

    ticket: str
    before: int
    after: int


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """How a draft differs from a published list; `reordered` counts only when the same tickets are on both."""

    added: tuple[Entry, ...] = ()
    removed: tuple[Entry, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    reweighted: tuple[Reweighted, ...] = ()
    reordered: bool = False
    title: bool = False
    spins: bool = False
    remove_winners: bool = False

    @property
    def anything(self) -> bool:
        """Whether there is any difference."""
        return self != Difference()


def difference(draft: Draft, published: Snapshot) -> Difference:
    """Compare the draft with a published list."""
    before = {entry.ticket: entry for entry in published.entries}
    after = {entry.ticket: entry for entry in draft.entries}
    both = [(before[ticket], entry) for ticket, entry in after.items() if ticket in before]
    return Difference(
        added=tuple(entry for entry in draft.entries if entry.ticket not in before),
        removed=tuple(entry for entry in published.entries if entry.ticket not in after),
        renamed=tuple(Renamed(new.ticket, old.name, new.name) for old, new in both if old.name != new.name),
        reweighted=tuple(
            Reweighted(new.ticket, old.weight, new.weight) for old, new in both if old.weight != new.weight
        ),
        reordered=before.keys() == after.keys() and list(before) != list(after),
        title=draft.title != published.title,
        spins=draft.spins != published.spins,
        remove_winners=draft.remove_winners != published.remove_winners,
    )


def in_words(found: Difference, *, limit: int = 5) -> list[str]:
    """Return a line for each difference, naming at most `limit` entries of each kind."""
    lines: list[str] = []

    def listed(label: str, items: list[str]) -> None:
        if items:
            lines.append(f"{label} {len(items)}: {'; '.join(items[:limit])}{'; ...' if len(items) > limit else ''}")

    listed("added", [entry_in_words(entry) for entry in found.added])
    listed("removed", [entry_in_words(entry) for entry in found.removed])
    listed("renamed", [f"{one.ticket} {shown(one.before)} -> {shown(one.after)}" for one in found.renamed])
    listed("chances changed", [f"{one.ticket} {one.before} -> {one.after}" for one in found.reweighted])
    changed = {
        "the order": found.reordered,
        "the title": found.title,
        "the spins": found.spins,
        "whether winners leave the wheel": found.remove_winners,
    }
    lines.extend(f"changed: {what}" for what, differs in changed.items() if differs)
    return lines


def entry_in_words(entry: Entry) -> str:
    """Return `0042 Ana Ruiz`, with the chances if there is more than one."""
    chances = f" ({entry.weight} chances)" if entry.weight != 1 else ""
    return f"{entry.ticket} {shown(entry.name)}{chances}"


def spins_in_words(spins: Spins) -> str:
    """Return the spin mode as a phrase."""
    if not isinstance(spins, Mixed):
        return _step_in_words(spins)
    steps = [_step_in_words(step) for step in spins.steps[:_STEPS_IN_WORDS]]
    more = ["..."] if len(spins.steps) > _STEPS_IN_WORDS else []
    return f"mixed, {len(spins.steps)} steps: {', '.join(steps + more)}; {_AFTER[spins.then]}"


def _step_in_words(step: Step) -> str:
    return f"fixed on ticket {step.ticket} ({shown(step.reason)})" if isinstance(step, Fixed) else "natural"


def winners_in_words(remove_winners: bool) -> str:  # noqa: FBT001 - the one value it is about
    """Return what happens to winners, as a phrase."""
    return "leave the wheel" if remove_winners else "stay on the wheel"
