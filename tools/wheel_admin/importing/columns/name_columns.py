"""Which columns hold the names: one with whole names, or several with their parts.

Invariant: pure. Whole names win over parts of them; a column that a header calls name but that holds none gives way.
"""

from collections.abc import Sequence

from wheel_admin.importing.columns.content import honorific_share, same_values
from wheel_admin.importing.columns.header_words import FAMILY_FIRST, NAMES, PARTS, Role, fold, folded_words
from wheel_admin.importing.columns.judged import Found, Judged

_HAN, _KANA, _HANGUL = ("㐀", "鿿"), ("぀", "ヿ"), ("가", "힣")
"""The first and the last letter of each."""


class NameColumns:
    """Finds the columns of the names.

    Args:
        judged: the columns.
        found: where to say what was found.
    """

    def __init__(self, judged: Judged, found: Found) -> None:
        self._judged = judged
        self._header = judged.header
        self._found = found

    def find(self) -> None:
        """Fill in the names.

        Raises:
            Unclear: a column that was named is not there.
        """
        wish = self._judged.wish
        if wish.names:
            self._found.names = tuple(self._judged.named(name, "--name-column") for name in wish.names)
            return
        taken = self._judged.wished(wish.ticket, wish.weight)
        fulls, groups = self._name_candidates(taken)
        plausible = [place for place in fulls if self._judged.content(place).could_be_names() or not self._header.body]
        best = self._best_full(plausible)
        group = self._best_group(groups)
        self._found.name_options = [(place,) for place in plausible] + [
            columns for columns in groups.values() if columns
        ]
        if best and self._is_of_somebody_beside(best[0], groups.get("", ())):
            best = []
        if best and groups.get("child") and self._header.meanings[best[0]].whose not in {"", "child"}:
            self._doubt_between([groups["child"], (best[0],)])
        if best and group and not self._agrees(best[0], group) and self._is_whole_name(group):
            self._doubt_between([(best[0],), group])
        if len(best) > 1:
            self._doubt_between([(place,) for place in best])
        if best:
            self._found.names, self._found.spare = (best[0],), groups.get("", ())
            return
        if group:
            self._found.names = group
            self._found.joiner = self._joiner(group)
            return
        self._without_names(fulls, taken)

    def _without_names(self, fulls: list[int], taken: set[int]) -> None:
        """Say why no column holds names although some headers say so, or let others stand in."""
        for place in fulls:
            content = self._judged.content(place)
            if content.filled:
                self._found.doubts.append(f"{self._judged.titled((place,))} does not hold names: {content.in_words()}")
        self._names_by_content(taken)
        if not fulls and not self._found.doubts:
            self._take_nicknames(taken)
        if fulls and not self._found.doubts:  # they are empty: each row will say that its name is missing
            self._found.names = (fulls[0],)

    def _name_candidates(self, taken: set[int]) -> tuple[list[int], dict[str, tuple[int, ...]]]:
        """Return the columns of whole names, and the columns of parts of names of each kind of person."""
        fulls: list[int] = []
        parts: dict[str, list[int]] = {}
        for place, meaning in enumerate(self._header.meanings):
            if place in taken:
                continue
            if meaning.role in NAMES:
                fulls.append(place)
            elif meaning.role in PARTS and self._is_part(place):
                parts.setdefault(meaning.whose, []).append(place)
        for whose, places in parts.items():
            other = self._other_half(whose, places, fulls)
            if other is not None:
                places.append(other)
                fulls.remove(other)
        parts = {key: group for whose, places in parts.items() for key, group in self._by_person(whose, places).items()}
        ordered = {whose: self._ordered(places) for whose, places in parts.items()}
        usable = {whose: places for whose, places in ordered.items() if self._has_core(places)}
        return fulls, usable

    def _by_person(self, whose: str, places: list[int]) -> dict[str, list[int]]:
        """Return parts of names by the person that they are of: a buyer's beside a guest's, or a second block's."""
        kept: list[int] = []
        for place in places:
            twins = [other for other in kept if self._judged.role(other) is self._judged.role(place)]
            if not any(self._same((place,), (other,)) for other in twins):
                kept.append(place)
        roles = [self._judged.role(place) for place in kept]
        if all(roles.count(role) < 2 for role in (Role.GIVEN, Role.FAMILY)):
            return {whose: kept}
        words = [self._header.meanings[place].who for place in kept]
        groups: dict[str, list[int]] = {}
        for index, place in enumerate(kept):
            key = words[index] if len(set(words)) > 1 else str(roles[: index + 1].count(roles[index]))
            groups.setdefault(f"{whose}/{key}", []).append(place)
        return groups

    def _other_half(self, whose: str, parts: list[int], fulls: list[int]) -> int | None:
        """Return the column that a header calls the name and that holds the half which the parts lack.

        `Name, Vorname` and `Nom, Pr\u00e9nom` call the family name simply the name; `Nombre, Apellidos` the given one.
        """
        own = {self._judged.role(place) for place in parts}
        given, family = bool(own & {Role.GIVEN}), bool(own & {Role.FAMILY, Role.FAMILY2})
        meanings = self._header.meanings
        same = [
            place
            for place in fulls
            if meanings[place].whose == whose
            and meanings[place].says_name
            and meanings[place].role is not Role.QUALIFIED
        ]
        bare = [place for place in same if meanings[place].role is Role.NAME]
        if given != family and not whose and len(bare) == 1:
            return bare[0]
        if len(same) != 1 or (given and family) or not self._header.body:
            return None
        if not given and not family and (Role.MIDDLE not in own or self._judged.content(same[0]).spaced > 0.5):
            return None
        return same[0] if not self._holds(same[0], parts) else None

    def _holds(self, full: int, parts: list[int]) -> bool:
        """Tell whether some of the whole names hold the part beside them."""
        return any(
            _is_within(row.cell(place).text, row.cell(full).text)
            for row in self._header.body
            for place in parts
            if row.cell(place).text and row.cell(full).text
        )

    def _is_part(self, place: int) -> bool:
        content = self._judged.content(place)
        if not content.filled:
            return False
        if self._header.meanings[place].role is Role.TITLE:
            return honorific_share(self._header.column(place)) >= 0.5
        return content.lettered >= 0.7 or not self._header.body

    def _has_core(self, places: tuple[int, ...]) -> bool:
        return any(self._header.meanings[place].role in {Role.GIVEN, Role.FAMILY, *NAMES} for place in places)

    def _ordered(self, places: list[int]) -> tuple[int, ...]:
        roles = {place: self._header.meanings[place].role for place in places}
        other = Role.FAMILY if Role.GIVEN in roles.values() else Role.GIVEN
        roles = {place: other if role in NAMES else role for place, role in roles.items()}
        family_first = any(self._header.meanings[place].family_first for place in places)
        order = FAMILY_FIRST if family_first else PARTS
        return tuple(sorted(places, key=lambda place: (order.index(roles[place]), place)))

    def _joiner(self, group: tuple[int, ...]) -> str:
        """Return what stands between family and given name: nothing in Chinese and Korean, else a space."""
        texts = [cell.text for place in group for cell in self._header.column(place)[:200] if cell.text]
        chinese = sum(_is_in(_HAN, text) for text in texts)
        korean = sum(_is_in(_HANGUL, text) for text in texts)
        japanese = any(_is_in(_KANA, text) for text in (*texts, *self._header.texts))
        unspaced = korean > len(texts) / 2 or (chinese > len(texts) / 2 and not japanese)
        return "" if unspaced else " "

    def _best_full(self, plausible: list[int]) -> list[int]:
        """Return the columns of whole names that are equally good: one if it is clear."""
        ranks: dict[int, list[int]] = {}
        for place in plausible:
            ranks.setdefault(self._rank(place), []).append(place)
        if not ranks:
            return []
        best = ranks[min(ranks)]
        meanings = self._header.meanings
        family = [place for place in plausible if meanings[place].whose in {"child", "parent"}]
        if len({meanings[place].whose for place in family}) > 1 and set(best) & set(family):
            best = family
        kept = [best[0]]
        for place in best[1:]:
            if not any(self._same((place,), (other,)) for other in kept):
                kept.append(place)
        return kept

    def _rank(self, place: int) -> int:
        meaning = self._header.meanings[place]
        if meaning.whose in {"child", "parent"}:
            return 1 if meaning.whose == "child" else 2
        if meaning.whose:
            return 4
        return 3 if meaning.role is Role.QUALIFIED else 0

    def _best_group(self, groups: dict[str, tuple[int, ...]]) -> tuple[int, ...]:
        if not groups:
            return ()
        if "" in groups:
            return groups[""]
        kept = list(groups.values())
        different = [kept[0], *(group for group in kept[1:] if not self._same(kept[0], group))]
        if len(different) > 1:
            self._doubt_between(different)
        return kept[0]

    def _same(self, one: tuple[int, ...], other: tuple[int, ...]) -> bool:
        pairs = zip(one, other, strict=False)
        columns = self._header.column
        return len(one) == len(other) and all(same_values(columns(a), columns(b)) for a, b in pairs)

    def _doubt_between(self, groups: Sequence[tuple[int, ...]]) -> None:
        self._found.doubts.append("the name could be " + " or ".join(map(self._judged.titled, groups)))

    def _agrees(self, full: int, group: tuple[int, ...]) -> bool:
        """Tell whether the whole names hold the parts, in nearly all rows that have both."""
        both = agreeing = 0
        for row in self._header.body:
            whole = fold(row.cell(full).text)
            parts = [fold(row.cell(place).text) for place in group if row.cell(place).text]
            if whole and parts:
                both += 1
                agreeing += any(part in whole for part in parts)
        return not both or agreeing >= 0.8 * both

    def _names_by_content(self, taken: set[int]) -> None:
        """Let a column stand in for one that a header names: of unknown meaning, and clearly names."""
        if not self._found.doubts and not any(role.role in {Role.TICKET, Role.ID} for role in self._header.meanings):
            return
        likely = [
            place
            for place in range(self._header.width)
            if place not in taken
            and self._judged.role(place) is Role.UNKNOWN
            and self._judged.content(place).must_be_names()
            and self._judged.content(place).spaced >= 0.5
        ]
        self._found.name_options += [(place,) for place in likely]

    def _is_of_somebody_beside(self, full: int, group: tuple[int, ...]) -> bool:
        """Tell whether a whole name is a parent's or the like, and the parts are the participant's own."""
        return self._header.meanings[full].whose not in {"", "child"} and self._is_whole_name(group)

    def _take_nicknames(self, taken: set[int]) -> None:
        """Let user names stand for names where nothing else does."""
        places = [
            place
            for place in range(self._header.width)
            if self._judged.role(place) is Role.NICK
            and place not in taken
            and self._judged.content(place).could_be_names()
        ]
        self._found.names = (places[0],) if len(places) == 1 else ()
        self._found.name_options += [(place,) for place in places]

    def _is_whole_name(self, group: tuple[int, ...]) -> bool:
        roles = {self._judged.role(place) for place in group}
        return {Role.GIVEN, Role.FAMILY} <= roles or bool(roles & NAMES and roles & {Role.GIVEN, Role.FAMILY})


def _is_within(part: str, whole: str) -> bool:
    """Tell whether a name has this part, as words; as characters where there are no spaces between words."""
    if fold(part).isascii():
        return set(folded_words(part)) <= set(folded_words(whole))
    return fold(part) in fold(whole)


def _is_in(script: tuple[str, str], text: str) -> bool:
    """Tell whether a letter of the text is in this script."""
    first, last = script
    return not text.isascii() and any(first <= letter <= last for letter in text)
