"""Drafts and lists in words: what they hold, and how two of them differ.

Invariant: pure; sentences for people and structs for `--json`, no output.
"""

from collections.abc import Iterable

import msgspec

from kiosk.draw.entropy import level_of
from kiosk.draw.modes import NATURAL_STEP, Spins, Step, fixed_step
from kiosk.snapshot.model import Names, Rules, Snapshot
from wheel_admin.draft import Draft
from wheel_admin.importing.tables import shown
from wheel_admin.participants import Entry

_AFTER = {"": "", "natural": "then natural", "repeat": "then from the start again", "stop": "then no more spins"}
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
    """How a draft differs from a published list.

    Attributes:
        renamed: where the names of the published list are known.
        reordered: counts only if the same tickets are on both.
        event: the draft is of another event.
    """

    added: tuple[Entry, ...] = ()
    removed: tuple[Entry, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    reweighted: tuple[Reweighted, ...] = ()
    regrouped: tuple[str, ...] = ()
    reordered: bool = False
    event: bool = False
    title: bool = False
    prizes: bool = False
    rules: bool = False
    entropy: bool = False
    spins: bool = False

    @property
    def anything(self) -> bool:
        """Whether there is any difference."""
        return self != Difference()


def difference(draft: Draft, published: Snapshot | Draft, names: Names) -> Difference:
    """Compare the draft with a published list, or another draft, and its names, which are empty if they are gone."""
    before = {
        entry.ticket: Entry(entry.ticket, names.get(entry.ticket, ""), entry.weight, entry.group, entry.household)
        for entry in published.entries
    }
    after = {entry.ticket: entry for entry in draft.entries}
    both = [(before[ticket], entry) for ticket, entry in after.items() if ticket in before]
    return Difference(
        added=tuple(entry for entry in draft.entries if entry.ticket not in before),
        removed=tuple(entry for ticket, entry in before.items() if ticket not in after),
        renamed=tuple(
            Renamed(new.ticket, old.name, new.name) for old, new in both if old.name and old.name != new.name
        ),
        reweighted=tuple(
            Reweighted(new.ticket, old.weight, new.weight) for old, new in both if old.weight != new.weight
        ),
        regrouped=tuple(new.ticket for old, new in both if (old.group, old.household) != (new.group, new.household)),
        reordered=before.keys() == after.keys() and list(before) != list(after),
        event=draft.event.id != published.event.id,
        title=draft.title != published.title,
        prizes=draft.prizes != published.prizes,
        rules=draft.rules != published.rules,
        entropy=draft.entropy != published.entropy,
        spins=draft.spins != published.spins,
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
    listed("group or household changed", list(found.regrouped))
    changed = {
        "the event: this is a new one": found.event,
        "the order": found.reordered,
        "the title": found.title,
        "the prizes": found.prizes,
        "the rules": found.rules,
        "the public entropy": found.entropy,
        "the spins": found.spins,
    }
    lines.extend(f"changed: {what}" for what, differs in changed.items() if differs)
    return lines


def entry_in_words(entry: Entry) -> str:
    """Return `0042 Ana Ruiz`, with the chances if there is more than one; a name that was erased is said to be."""
    chances = f" ({entry.weight} chances)" if entry.weight != 1 else ""
    return f"{entry.ticket} {shown(entry.name) if entry.name else '(name erased)'}{chances}"


def spins_in_words(spins: Spins) -> str:
    """Return the spin mode as a phrase."""
    if spins.mode == "natural":
        return _step_in_words(NATURAL_STEP)
    if spins.mode == "fixed":
        return _step_in_words(fixed_step(spins.ticket, spins.reason))
    steps = [_step_in_words(step) for step in spins.steps[:_STEPS_IN_WORDS]]
    more = ["..."] if len(spins.steps) > _STEPS_IN_WORDS else []
    return f"mixed, {len(spins.steps)} steps: {', '.join(steps + more)}; {_AFTER[spins.then]}"


def _step_in_words(step: Step) -> str:
    return f"fixed on ticket {step.ticket} ({shown(step.reason)})" if step.mode == "fixed" else "natural"


def winners_in_words(rules: Rules) -> str:
    """Return what happens to winners, as a phrase."""
    words = {
        "event": "leave the wheel",
        "prize": "leave the wheel for the rest of their prize",
        "never": "stay on the wheel",
    }
    return words[rules.win_once]


def rules_in_words(rules: Rules, *, prizes: bool) -> list[str]:
    """Return the rules as sentences that everybody can read.

    Args:
        rules: of the event.
        prizes: the event has prizes; a simple wheel has only "a place".
    """
    once = {
        "event": "Whoever has won a place wins no other one in this event.",
        "prize": "Whoever has won a place of a prize wins no other place of that prize.",
        "never": "Winners stay in the draw and can win again.",
    }
    order = {
        "listed": "Prizes are drawn in their listed order.",
        "free": "The operator chooses which prize is drawn next; the verifier counts presses out of order.",
    }
    names = {
        "full": "The screen shows names in full.",
        "short": "The screen shows the first name and an initial.",
        "ticket": "The screen shows tickets only.",
    }
    found = [once["event" if rules.win_once == "prize" and not prizes else rules.win_once]]
    if rules.household_once and rules.win_once != "never":
        found.append("The same holds for everybody of the winner's household, as households are on the list now.")
    elif rules.household_once:
        found.append("Of a household one entry at most wins in one press.")
    found.append(
        "A winner has to be there: a place whose winner is absent is drawn again, or goes to a reserve."
        if rules.presence
        else "A winner does not have to be there."
    )
    found.append(
        "The organiser may predetermine spins; each one is recorded as such."
        if rules.predetermined
        else "The organiser has promised that no spin is predetermined."
    )
    return [*found, *([order[rules.order]] if prizes else []), names[rules.names]]


def level_in_words(texts: Iterable[str]) -> str:
    """Return how far a draw with these entropy texts convinces, with the verifier's condition.

    Nothing here knows whether somebody was there or kept an anchor: the verifier does, when it is told.
    """
    texts = tuple(texts)
    said = {
        "sealed": "sealed: you trust whoever runs the kiosk",
        "live": "live, if you were there",
        "public": "public, if you kept the anchor before its public text",
    }[level_of(texts)]
    return said + ("; drand round unchecked" if any(text.startswith("drand:") for text in texts) else "")


def entropy_in_words(items: Iterable[str]) -> str:
    """Return what public entropy a list uses, as a phrase."""
    return ", then ".join(shown(item) for item in items) or "none (sealed: you trust whoever runs the kiosk)"
