"""Which columns of a sheet hold the tickets, the names and the chances.

Invariant: pure. What the organiser named wins; then headers and content must agree. Where two columns fit, or one that
a header names does not hold what it says, nobody guesses: `Unclear` carries the choices.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kiosk.core.errors import InputError
from wheel_admin.importing.columns.content import Content, content_of, honorific_share, same_values, shape_of
from wheel_admin.importing.columns.header_rows import HEADER_WITHIN, Header, header_at, headers_in
from wheel_admin.importing.columns.header_words import FAMILY_FIRST, NAMES, PARTS, Role, fold
from wheel_admin.importing.columns.columns import Columns, named
from wheel_admin.importing.settings import Choice, Settings, Unclear, Wish, commands_in_words
from wheel_admin.importing.tables import Kind, Sheet, column_index, letter, shown

_TICKET_RANKS = (Role.TICKET, Role.ID, Role.NUMBER, Role.ORDER)
_LISTED = 40


class NoList(InputError):
    """Nothing in the sheet looks like a list of people."""


@dataclass(slots=True)
class _Found:
    """What one header and its content say, and why they may not be believed."""

    ticket: int | None = None
    names: tuple[int, ...] = ()
    spare: tuple[int, ...] = ()
    joiner: str = " "
    weight: int | None = None
    doubts: list[str] = field(default_factory=list)
    ticket_options: list[int] = field(default_factory=list)
    name_options: list[tuple[int, ...]] = field(default_factory=list)
    weight_options: list[int] = field(default_factory=list)


def find_columns(sheet: Sheet, settings: Settings, *, file: str) -> Columns:
    """Return where header, tickets, names and chances are.

    Args:
        sheet: with at least one row.
        settings: what the organiser named.
        file: the file's name, for messages and commands.

    Raises:
        Unclear: two columns fit equally well, or none holds what its header says.
        NoList: there is no header that is known, and the content does not speak for itself.
    """
    return _Sheet(sheet, settings, file).columns()


class _Sheet:
    """One sheet while its columns are chosen."""

    def __init__(self, sheet: Sheet, settings: Settings, file: str) -> None:
        self._sheet = sheet
        self._settings = settings
        self._wish = settings.wish
        self._file = file
        self._contents: dict[int, Content] = {}

    @property
    def _where(self) -> str:
        return f"{self._file}, sheet {self._sheet.name!r}" if self._sheet.name else self._file

    def columns(self) -> Columns:
        """Return the columns, of the first header that has people below it."""
        if self._wish.header_row is not None:
            return self._with_header(header_at(self._sheet, self._wish.header_row))
        headers = list(headers_in(self._sheet))
        for header in headers:
            if self._fits_wish(header):
                return self._with_header(header)
        return self._without_header()

    def _fits_wish(self, header: Header) -> bool:
        wanted = [self._wish.ticket, self._wish.weight, *self._wish.names]
        return all(not one or self._places(header, one) for one in wanted)

    def _places(self, header: Header, wanted: str) -> list[int]:
        """Return the columns that a wish means: by header, or by letter. `NO` and `ID` are columns of Excel too."""
        if fold(wanted):
            exact = [place for place, text in enumerate(header.texts) if text.strip() == wanted.strip()]
            found = exact or [place for place, text in enumerate(header.texts) if fold(text) == fold(wanted)]
            if found:
                return found
        place = column_index(wanted)
        return [place] if place is not None and place < header.width else []

    def _content(self, header: Header, column: int) -> Content:
        if column not in self._contents:
            self._contents[column] = content_of(header.column(column))
        return self._contents[column]

    def _with_header(self, header: Header) -> Columns:
        self._contents = {}
        found = _Found()
        self._find_names(header, found)
        self._find_weight(header, found)
        self._find_ticket(header, found)
        if found.doubts or not found.names:
            raise self._unclear(header, found)
        return Columns(
            header=header.texts,
            header_rows=header.rows,
            ticket=found.ticket,
            names=found.names,
            spare_names=found.spare,
            joiner=found.joiner,
            weight=found.weight,
            width=header.cells,
        )

    # What the organiser named

    def _named(self, header: Header, wanted: str, option: str) -> int:
        places = self._places(header, wanted)
        if len(places) == 1:
            return places[0]
        if not places:
            raise Unclear(
                f"{self._where}: there is no column {wanted!r}.",
                remedy=f"It has: {_columns_in(header)}. Name one of these, or its letter, with {option}.",
            )
        listed = " and ".join(f"{letter(place)} ({shown(header.texts[place])})" for place in places)
        raise Unclear(
            f"{self._where}: columns {listed} have the same header.",
            remedy=f"Say which one by its letter: {option} {letter(places[0])}.",
        )

    # Names

    def _find_names(self, header: Header, found: _Found) -> None:
        if self._wish.names:
            found.names = tuple(self._named(header, name, "--name-column") for name in self._wish.names)
            return
        taken = {place for one in (self._wish.ticket, self._wish.weight) if one for place in self._places(header, one)}
        fulls, groups = self._name_candidates(header, taken)
        plausible = [place for place in fulls if self._content(header, place).could_be_names() or not header.body]
        best = self._best_full(header, plausible)
        group = self._best_group(header, groups, found)
        found.name_options = [(place,) for place in plausible] + [columns for columns in groups.values() if columns]
        if best and group and not self._agrees(header, best[0], group) and _is_whole_name(header, group):
            found.doubts.append(
                f"the name could be {self._titled(header, (best[0],))} or {self._titled(header, group)}"
            )
        if len(best) > 1:
            found.doubts.append("the name could be " + " or ".join(self._titled(header, (place,)) for place in best))
        if best:
            found.names, found.spare = (best[0],), group
            return
        if group:
            found.names = group
            found.joiner = self._joiner(header, group)
            return
        for place in fulls:
            content = self._content(header, place)
            if content.filled:
                found.doubts.append(f"{self._titled(header, (place,))} does not hold names: {_samples(content)}")
        self._names_by_content(header, found, taken)

    def _name_candidates(self, header: Header, taken: set[int]) -> tuple[list[int], dict[str, tuple[int, ...]]]:
        """Return the columns of whole names, and the columns of parts of names of each kind of person."""
        fulls: list[int] = []
        parts: dict[str, list[int]] = {}
        for place, meaning in enumerate(header.meanings):
            if place in taken:
                continue
            if meaning.role in NAMES:
                fulls.append(place)
            elif meaning.role in PARTS and self._is_part(header, place):
                parts.setdefault(meaning.whose, []).append(place)
        has = {whose: {header.meanings[place].role for place in places} for whose, places in parts.items()}
        # `Name, Vorname` and `Nom, Prénom` call the family name simply the name; `Nombre, Apellidos` the given one.
        own, bare = has.get("", set()), [place for place in fulls if header.meanings[place].role is Role.NAME]
        if own and len(bare) == 1 and bool(own & {Role.GIVEN}) != bool(own & {Role.FAMILY, Role.FAMILY2}):
            parts[""].append(bare[0])
            fulls.remove(bare[0])
        ordered = {whose: self._ordered(header, places) for whose, places in parts.items()}
        usable = {whose: places for whose, places in ordered.items() if self._has_core(header, places)}
        return fulls, usable

    def _is_part(self, header: Header, place: int) -> bool:
        content = self._content(header, place)
        if not content.filled:
            return False
        if header.meanings[place].role is Role.TITLE:
            return honorific_share(header.column(place)) >= 0.5
        return content.lettered >= 0.7 or not header.body

    def _has_core(self, header: Header, places: tuple[int, ...]) -> bool:
        return any(header.meanings[place].role in {Role.GIVEN, Role.FAMILY, Role.NAME} for place in places)

    def _ordered(self, header: Header, places: list[int]) -> tuple[int, ...]:
        roles = {place: header.meanings[place].role for place in places}
        if Role.NAME in roles.values():
            other = Role.FAMILY if Role.GIVEN in roles.values() else Role.GIVEN
            roles = {place: other if role is Role.NAME else role for place, role in roles.items()}
        family_first = any(header.meanings[place].family_first for place in places)
        order = FAMILY_FIRST if family_first else PARTS
        return tuple(sorted(places, key=lambda place: (order.index(roles[place]), place)))

    def _joiner(self, header: Header, group: tuple[int, ...]) -> str:
        texts = [cell.text for place in group for cell in header.column(place)[:200] if cell.text]
        chinese = sum(any("\u3400" <= character <= "\u9fff" for character in text) for text in texts)
        korean = sum(any("\uac00" <= character <= "\ud7a3" for character in text) for text in texts)
        kana = any("\u3040" <= character <= "\u30ff" for text in texts for character in text)
        japanese = kana or any(any("\u3040" <= character <= "\u30ff" for character in text) for text in header.texts)
        if korean > len(texts) / 2 or (chinese > len(texts) / 2 and not japanese):
            return ""
        return " "

    def _best_full(self, header: Header, plausible: list[int]) -> list[int]:
        """Return the columns of whole names that are equally good: one if it is clear."""
        ranks: dict[int, list[int]] = {}
        for place in plausible:
            ranks.setdefault(self._rank(header, place), []).append(place)
        if not ranks:
            return []
        best = ranks[min(ranks)]
        family = [place for place in plausible if header.meanings[place].whose in {"child", "parent"}]
        if len({header.meanings[place].whose for place in family}) > 1 and set(best) & set(family):
            best = family
        kept = [best[0]]
        for place in best[1:]:
            if not any(same_values(header.column(place), header.column(other)) for other in kept):
                kept.append(place)
        full_twins = [place for place in best if fold(header.texts[place]) == fold(header.texts[best[0]])]
        return full_twins if len(full_twins) > 1 and len(kept) > 1 else kept

    def _rank(self, header: Header, place: int) -> int:
        meaning = header.meanings[place]
        if meaning.whose in {"child", "parent"}:
            return 1 if meaning.whose == "child" else 2
        if meaning.whose:
            return 4
        return 3 if meaning.role is Role.QUALIFIED else 0

    def _best_group(self, header: Header, groups: dict[str, tuple[int, ...]], found: _Found) -> tuple[int, ...]:
        if not groups:
            return ()
        if "" in groups:
            return groups[""]
        kept = list(groups.values())
        different = [kept[0]]
        for group in kept[1:]:
            if len(group) != len(kept[0]) or not all(
                same_values(header.column(one), header.column(other)) for one, other in zip(kept[0], group, strict=True)
            ):
                different.append(group)
        if len(different) > 1:
            found.doubts.append("the name could be " + " or ".join(self._titled(header, group) for group in different))
        return kept[0]

    def _agrees(self, header: Header, full: int, group: tuple[int, ...]) -> bool:
        """Tell whether the whole names hold the parts, in nearly all rows that have both."""
        both = agreeing = 0
        for row in header.body:
            whole = fold(row.cell(full).text)
            parts = [fold(row.cell(place).text) for place in group if row.cell(place).text]
            if whole and parts:
                both += 1
                agreeing += any(part in whole for part in parts)
        return not both or agreeing >= 0.8 * both

    def _names_by_content(self, header: Header, found: _Found, taken: set[int]) -> None:
        """Let a column stand in for one that a header names: of unknown meaning, and clearly names."""
        if not found.doubts and not any(role.role in {Role.TICKET, Role.ID} for role in header.meanings):
            return
        likely = [
            place
            for place in range(header.width)
            if place not in taken
            and self._role(header, place) is Role.UNKNOWN
            and self._content(header, place).must_be_names()
            and self._content(header, place).spaced >= 0.5
        ]
        found.name_options += [(place,) for place in likely]

    # Chances

    def _find_weight(self, header: Header, found: _Found) -> None:
        if self._wish.weight:
            found.weight = self._named(header, self._wish.weight, "--weight-column")
            return
        if self._wish.one_chance_each:
            return
        taken = {place for one in (self._wish.ticket, *self._wish.names) if one for place in self._places(header, one)}
        said = [
            place
            for place, meaning in enumerate(header.meanings)
            if meaning.role is Role.WEIGHT and place not in taken and self._holds_counts(header, place)
        ]
        if len(said) > 1:
            found.doubts.append("the chances could be " + " or ".join(self._titled(header, (place,)) for place in said))
            found.weight_options = said
        elif said:
            found.weight = said[0]
        if said:
            return
        for place, meaning in enumerate(header.meanings):
            content = self._content(header, place)
            if meaning.role is Role.QUANTITY and place not in taken and self._is_quantity(content):
                found.weight_options.append(place)
                found.doubts.append(
                    f"{self._titled(header, (place,))} holds numbers ({_samples(content)}), which could be the number of "
                    f"chances (--weight-column {named(place, header.texts)}) or mean something else (--one-chance-each)"
                )

    def _holds_counts(self, header: Header, place: int) -> bool:
        content = self._content(header, place)
        return content.filled > 0 and content.digits >= 0.3 and content.lettered <= 0.5

    def _is_quantity(self, content: Content) -> bool:
        return content.over_one and content.counts >= 0.5

    # Tickets

    def _find_ticket(self, header: Header, found: _Found) -> None:
        if self._wish.give_numbers:
            return
        if self._wish.ticket:
            found.ticket = self._named(header, self._wish.ticket, "--ticket-column")
            return
        taken = {*found.names, *found.spare, found.weight}
        doubtful: list[int] = []
        for role in _TICKET_RANKS:
            places = [
                place for place, meaning in enumerate(header.meanings) if meaning.role is role and place not in taken
            ]
            good = [place for place in places if self._could_be_tickets(header, place, found)]
            doubtful += [place for place in places if place not in good and role is Role.TICKET]
            if not good:
                continue
            kept = self._different_tickets(header, good)
            found.ticket_options = good
            if len(kept) > 1:
                found.doubts.append(
                    "the ticket could be " + " or ".join(self._titled(header, (place,)) for place in kept)
                )
            found.ticket = kept[0]
            return
        for place in doubtful:
            content = self._content(header, place)
            if content.filled and not content.private:
                found.doubts.append(f"{self._titled(header, (place,))} does not tell people apart: {_samples(content)}")
        for place, meaning in enumerate(header.meanings):
            content = self._content(header, place)
            if meaning.role is Role.QUANTITY and place not in taken and place not in found.weight_options:
                if content.could_be_tickets() and content.unique >= 0.9 and content.filled > 1:
                    found.ticket_options.append(place)
                    found.ticket = place
                    return

    def _different_tickets(self, header: Header, good: list[int]) -> list[int]:
        exact = [place for place in good if self._content(header, place).unique == 1.0]
        full = [place for place in exact if self._content(header, place).filled == len(header.body)]
        best = full or exact or good
        kept = [best[0]]
        for place in best[1:]:
            if not same_values(header.column(kept[0]), header.column(place)):
                kept.append(place)
        return kept

    def _could_be_tickets(self, header: Header, place: int, found: _Found) -> bool:
        content = self._content(header, place)
        if not header.body:
            return True
        if self._role(header, place) is Role.TICKET:
            return content.could_be_tickets() or _is_one_fault_only(header, place, content)
        # An id tells people apart in every row; a number that repeats is something else.
        people = sum(
            bool(row.cell(column).text) and sum(bool(cell.text) for cell in row.cells) > 1
            for row in header.body
            for column in found.names[:1]
        )
        enough = content.filled >= 0.5 * max(people, 1)
        return content.could_be_tickets() and content.unique >= 0.8 and enough

    # Lists without a header

    def _without_header(self) -> Columns:
        rows = self._sheet.rows
        header = Header((), (), (), rows)
        width = header.width
        wish = self._wish
        letters = [self._places(header, one) for one in (wish.ticket, *wish.names, wish.weight) if one]
        if any(not places for places in letters):
            raise self._nothing(header)
        contents = [self._content(header, place) for place in range(width)]
        names = [place for place in range(width) if contents[place].must_be_names()]
        tickets = [
            place
            for place in range(width)
            if place not in names
            and contents[place].could_be_tickets()
            and contents[place].unique >= 0.9
            and contents[place].digits >= 0.9
            and contents[place].filled >= 0.5 * len(rows)
        ]
        if wish.names:
            names = [places[0] for one in wish.names for places in [self._places(header, one)]]
        if wish.ticket or wish.give_numbers:
            tickets = [places[0] for one in [wish.ticket] if one for places in [self._places(header, one)]]
        others = [place for place in range(width) if place not in {*names, *tickets} and contents[place].filled]
        clear = bool(names) and (bool(wish.names) or len(names) == 1) and len(tickets) <= 1
        if not clear or (others and not (wish.names and (wish.ticket or wish.give_numbers))):
            raise self._nothing(header)
        used = [*tickets, *names]
        if self._first_row_is_odd(header, used):
            choices = [
                ("row 1 is a header", self._spelt(header, tickets, names, header_row=rows[0].number)),
                ("row 1 is a participant", self._spelt(header, tickets, names, header_row=0)),
            ]
            raise self._asked(
                f"{self._where}: it is not clear whether row {rows[0].number} is a header or a participant: "
                f"{', '.join(shown(cell.text) for cell in rows[0].cells if cell.text)[:200]}.",
                choices,
            )
        weight = self._places(header, wish.weight)[0] if wish.weight else None
        return Columns(
            header=(), header_rows=(), ticket=tickets[0] if tickets else None, names=tuple(names), weight=weight
        )

    def _first_row_is_odd(self, header: Header, used: list[int]) -> bool:
        """Tell whether the first row looks unlike all others in a column that is read, as a header does."""
        if len(header.body) < 2:
            return len(used) == 1
        first, rest = header.body[0], header.body[1:]
        for place in used:
            own = first.cell(place)
            shapes = [shape_of(row.cell(place).text) for row in rest if row.cell(place).text]
            digits = sum("9" in shape for shape in shapes)
            spaces = sum(" " in shape for shape in shapes)
            if own.kind is Kind.EMPTY:
                return True
            odd_number = digits >= 0.9 * len(shapes) and "9" not in shape_of(own.text)
            odd_word = spaces >= 0.9 * len(shapes) and " " not in shape_of(own.text) and len(shapes) >= 2
            if shapes and (odd_number or odd_word):
                return True
        return False

    def _spelt(self, header: Header, tickets: list[int], names: Sequence[int], *, header_row: int | None) -> Wish:
        return replace(
            self._wish,
            ticket=letter(tickets[0]) if tickets else "",
            names=tuple(map(letter, names)),
            header_row=header_row,
            give_numbers=not tickets,
        )

    # Refusals

    def _role(self, header: Header, place: int) -> Role:
        return header.meanings[place].role if place < len(header.meanings) else Role.UNKNOWN

    def _titled(self, header: Header, places: Sequence[int]) -> str:
        return " + ".join(
            f"{letter(place)} ({shown(header.texts[place])})" if place < len(header.texts) else letter(place)
            for place in places
        )

    def _unclear(self, header: Header, found: _Found) -> InputError:
        row = f", header in row {header.rows[0]}" if header.rows else ""
        doubts = found.doubts or ["no column says that it holds the names"]
        message = f"{self._where}{row}: it is not clear which columns to read. " + "; ".join(_capital(doubts)) + "."
        return self._asked(message, self._choices(header, found), header)

    def _choices(self, header: Header, found: _Found) -> list[tuple[str, Wish]]:
        """Return the ways to read the sheet that its columns allow, the likeliest first."""
        name_options = found.name_options or ([found.names] if found.names else [])
        if self._wish.names:
            name_options = [found.names]
        if not name_options:
            name_options = [
                (place,)
                for place in range(header.width)
                if self._content(header, place).could_be_names() and self._role(header, place) is not Role.QUANTITY
            ]
        if not name_options:
            name_options = [(place,) for place in range(header.width) if self._content(header, place).filled][-1:]
        chosen = found.ticket
        tickets: list[int | None] = [*found.ticket_options] or ([chosen] if chosen is not None else [None])
        if found.ticket_options and any("ticket could be" in doubt for doubt in found.doubts):
            tickets.append(None)
        weights: list[int | None] = [*found.weight_options, None] if found.weight_options else [found.weight]
        choices: list[tuple[str, Wish]] = []
        for names in name_options[:4]:
            for ticket in tickets[:4]:
                if ticket in names:
                    continue
                for weight in weights[:3]:
                    choices.append(self._choice(header, names, ticket, weight, asked=bool(found.weight_options)))
        return choices[:12]

    def _choice(
        self, header: Header, names: tuple[int, ...], ticket: int | None, weight: int | None, *, asked: bool
    ) -> tuple[str, Wish]:
        texts = header.texts
        wish = Wish(
            ticket="" if ticket is None else named(ticket, texts),
            names=tuple(named(place, texts) for place in names),
            weight="" if weight is None else named(weight, texts),
            header_row=self._wish.header_row,
            give_numbers=ticket is None,
            one_chance_each=asked and weight is None,
        )
        label = f"names from {self._titled(header, names)}; "
        label += "numbers are given" if ticket is None else f"tickets from {self._titled(header, (ticket,))}"
        if weight is not None:
            label += f"; chances from {self._titled(header, (weight,))}"
        elif asked:
            label += "; one chance each"
        return label, wish

    def _nothing(self, header: Header) -> InputError:
        choices: list[tuple[str, Wish]] = []
        names = [place for place in range(header.width) if self._content(header, place).could_be_names()]
        tickets = [
            place
            for place in range(header.width)
            if place not in names and self._content(header, place).could_be_tickets()
        ]
        for place in names[:3]:
            wish = self._spelt(header, tickets, [place], header_row=0)
            said = f"numbers from {letter(tickets[0])}" if tickets else "numbers are given"
            choices.append((f"no header; names from {letter(place)}; {said}", wish))
            first = self._sheet.rows[0].number
            choices.append(
                (f"header in row {first}; names from {letter(place)}; {said}", replace(wish, header_row=first))
            )
        first_row = self._sheet.rows[0]
        message = (
            f"{self._where}: no header for tickets and names was found in the first {HEADER_WITHIN} rows, and the "
            f"content alone is not clear. The first row with content is row {first_row.number}: "
            f"{', '.join(f'{letter(place)} {shown(cell.text)!r}' for place, cell in enumerate(first_row.cells[:8]) if cell.text)}."
        )
        error = self._asked(message, choices, header)
        if self._wish.ticket or self._wish.names or len(names) == 1:
            return error
        return NoList(error.message, remedy=error.remedy) if not choices else error

    def _asked(self, message: str, wishes: list[tuple[str, Wish]], header: Header | None = None) -> Unclear:
        choices = [Choice(label, replace(self._settings, wish=wish)) for label, wish in wishes]
        shown_columns = f"\n{self._described(header)}" if header is not None else ""
        if choices:
            remedy = f"Say how to read it, for example:\n{commands_in_words(self._file, choices)}"
        else:
            remedy = "Check that this is the right file and sheet, or put a header over the columns: Ticket, Name."
        return Unclear(f"{message}{shown_columns}", remedy=remedy, choices=choices)

    def _described(self, header: Header) -> str:
        """Return the file's columns with three samples each, one a line."""
        lines = []
        for place in range(header.width):
            content = self._content(header, place)
            title = header.texts[place] if place < len(header.texts) else ""
            if content.filled or title:
                lines.append(
                    f"  {letter(place)} {shown(title)!r}: {_samples(content)}"
                    if title
                    else f"  {letter(place)}: {_samples(content)}"
                )
        more = [f"  ... and {len(lines) - _LISTED} more columns"] if len(lines) > _LISTED else []
        return "\n".join([*lines[:_LISTED], *more])


def _is_one_fault_only(header: Header, place: int, content: Content) -> bool:
    """Tell whether a short list has a ticket column whose values could be tickets, were it not for a double."""
    return content.filled <= 3 and content.digits >= 0.5 and not content.private and len(header.body) <= 3


def _is_whole_name(header: Header, group: tuple[int, ...]) -> bool:
    roles = {header.meanings[place].role for place in group}
    return {Role.GIVEN, Role.FAMILY} <= roles


def _samples(content: Content) -> str:
    return ", ".join(shown(sample) for sample in content.samples) or "(empty)"


def _columns_in(header: Header) -> str:
    listed = [f"{letter(place)} {shown(text)!r}" for place, text in enumerate(header.texts) if text]
    return ", ".join(listed[:12]) + (", ..." if len(listed) > 12 else "") or "no header"


def _capital(sentences: list[str]) -> list[str]:
    return [sentence[:1].upper() + sentence[1:] for sentence in dict.fromkeys(sentences)]
