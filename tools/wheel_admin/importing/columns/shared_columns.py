"""Which columns hold what people have in common: their group, and their household.

Invariant: pure. A group stands in the published list, so a column with e-mail addresses, dates or telephone numbers is
one only if the organiser names it. A household is published as a number of our own.
"""

from msgspec.structs import replace

from kiosk.core.errors import InputError
from wheel_admin.importing.columns.columns import named
from wheel_admin.importing.columns.header_words import Role
from wheel_admin.importing.columns.judged import Found, Judged
from wheel_admin.importing.settings import NO_COLUMN, Choice, Settings, Unclear, Wish, commands_in_words

_OPTIONS = {Role.GROUP: "--group-column", Role.HOUSEHOLD: "--household-column"}


def other_wishes(wish: Wish) -> tuple[str, ...]:
    """Return the columns of groups and households that the organiser named."""
    return tuple(one for one in (wish.group, wish.household) if one and one != NO_COLUMN)


def named_shared(judged: Judged) -> tuple[int | None, int | None]:
    """Return the columns of groups and households that the organiser named.

    Raises:
        Unclear: a column that was named is not there.
    """
    wish = judged.wish
    group = judged.named(wish.group, _OPTIONS[Role.GROUP]) if wish.group not in {"", NO_COLUMN} else None
    household = (
        judged.named(wish.household, _OPTIONS[Role.HOUSEHOLD]) if wish.household not in {"", NO_COLUMN} else None
    )
    return group, household


def find_shared(judged: Judged, found: Found, settings: Settings, file: str) -> None:
    """Fill in the columns of groups and households, once all others are known.

    Raises:
        Unclear: a column that was named is not there, or several say that they hold the groups.
        InputError: a column was named for two things.
    """
    found.group, found.household = named_shared(judged)
    taken = {found.ticket, found.weight, *found.names, *found.spare}
    for option, place in ((_OPTIONS[Role.GROUP], found.group), (_OPTIONS[Role.HOUSEHOLD], found.household)):
        if place is not None and place in {found.ticket, *found.names}:
            raise InputError(
                f"{judged.where}: {judged.titled((place,))} holds tickets or names already.",
                remedy=f"Name another column with {option}, or leave it out.",
            )
    if not judged.wish.group:
        found.group = _said(judged, Role.GROUP, taken | {found.household}, settings, file)
    if not judged.wish.household:
        found.household = _said(judged, Role.HOUSEHOLD, taken | {found.group}, settings, file)


def _said(judged: Judged, role: Role, taken: set[int | None], settings: Settings, file: str) -> int | None:
    places = [
        place
        for place, meaning in enumerate(judged.header.meanings)
        if meaning.role is role and place not in taken and _is_usable(judged, place, role)
    ]
    exact = [place for place in places if judged.header.meanings[place].exact]
    places = exact if len(exact) == 1 else places
    if len(places) < 2:
        return places[0] if places else None
    choices = [
        Choice(f"{role.value}s from {judged.titled((place,))}", replace(settings, wish=_wish(judged, role, place)))
        for place in places
    ]
    choices.append(Choice(f"no {role.value}s", replace(settings, wish=_wish(judged, role, None))))
    titles = " or ".join(judged.titled((place,)) for place in places)
    raise Unclear(
        f"{judged.where}: the {role.value} could be {titles}.",
        remedy=f"Say which with {_OPTIONS[role]}:\n{commands_in_words(file, choices)}",
        choices=choices,
    )


def _is_usable(judged: Judged, place: int, role: Role) -> bool:
    content = judged.content(place)
    return content.filled > 0 and not (role is Role.GROUP and content.private)


def _wish(judged: Judged, role: Role, place: int | None) -> Wish:
    column = NO_COLUMN if place is None else named(place, judged.header.texts)
    wish = judged.wish
    return replace(wish, group=column) if role is Role.GROUP else replace(wish, household=column)
