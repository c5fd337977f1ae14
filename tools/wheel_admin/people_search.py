"""Finding one person by ticket or by name, as an organiser types it.

Invariant: pure. A ticket comes first; a name must be the whole name of exactly one person, case and accents apart.
Anything less is refused with who may be meant: to act on a guess would act on the wrong person.
"""

import difflib
from collections.abc import Sequence

from kiosk.core.errors import RefusedError
from kiosk.core.text_rules import clean
from wheel_admin.importing.columns.header_words import folded_words
from wheel_admin.importing.tables import shown
from wheel_admin.participants import Entry

SUGGESTED = 5
_ALIKE = 0.7
"""How alike a name must be to be suggested: `Anna Ruis` is 0.82 like `Ana Ruiz`."""


def find_person(entries: Sequence[Entry], text: str, *, where: str) -> Entry:
    """Return the entry with this ticket, or of the one person with this name.

    Args:
        entries: to look among.
        text: a ticket or a name.
        where: whose entries they are, for messages: "the draft".

    Raises:
        RefusedError: there is none, or several; with the people who may be meant.
    """
    wanted = clean(text)
    for entry in entries:
        if entry.ticket == wanted:
            return entry
    name = _words(wanted)
    same = [entry for entry in entries if name and _words(entry.name) == name]
    if len(same) == 1:
        return same[0]
    if same:
        raise RefusedError(
            f"{len(same)} people on {where} are called {shown(wanted)}. Nothing was changed.",
            problems=tuple(map(_listed, same[:SUGGESTED])),
            remedy="Say which one by the ticket.",
        )
    close = similar(entries, wanted)
    raise RefusedError(
        f"There is no ticket {shown(wanted)} on {where}, and nobody of that name. Nothing was changed.",
        problems=tuple(f"Did you mean {_listed(entry)}?" for entry in close),
        remedy="Look for it with wheel-admin entries list --search TEXT.",
    )


def similar(entries: Sequence[Entry], text: str) -> list[Entry]:
    """Return the people whose ticket or name, or a part of it, is most like `text`, the best first."""
    wanted = _words(text)
    if not wanted:
        return []
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    rated: list[tuple[float, int]] = []
    for index, entry in enumerate(entries):
        name = _words(entry.name)
        best = max((_ratio(matcher, one) for one in {name, _words(entry.ticket), *name.split()}), default=0.0)
        if set(wanted.split()) <= set(name.split()):
            best = 1.0
        if best >= _ALIKE:
            rated.append((-best, index))
    return [entries[index] for _, index in sorted(rated)[:SUGGESTED]]


def holds(entry: Entry, text: str) -> bool:
    """Tell whether the ticket or the name holds `text`, case and accents apart."""
    wanted = clean(text).casefold()
    return wanted in f"{entry.ticket}\n{entry.name}".casefold() or _words(text) in _words(entry.name)


def _ratio(matcher: "difflib.SequenceMatcher[str]", text: str) -> float:
    matcher.set_seq1(text)
    if matcher.real_quick_ratio() < _ALIKE or matcher.quick_ratio() < _ALIKE:
        return 0.0
    return matcher.ratio()


def _words(text: str) -> str:
    return " ".join(folded_words(text))


def _listed(entry: Entry) -> str:
    return f"{shown(entry.ticket)} {shown(entry.name)}"
