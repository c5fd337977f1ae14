"""Which columns hold the tickets, and which the numbers of chances.

Invariant: pure. A column is a ticket only if it tells people apart, and never what must not stand on a screen.
"""

import itertools
import re

from kiosk.core.errors import InputError
from wheel_admin.importing.columns.columns import named
from wheel_admin.importing.columns.content import Content, same_values
from wheel_admin.importing.columns.header_words import Role
from wheel_admin.importing.columns.judged import Found, Judged
from wheel_admin.importing.rows.tickets import cells_with_several
from wheel_admin.importing.tables import Kind

_TICKET_RANKS = (Role.TICKET, Role.ID, Role.NUMBER, Role.ORDER)
_FRACTION = re.compile(r"\d+[.,](\d+)")
_NUMBER_FIRST = re.compile(r"#?([\w-]{0,4}\d+)[^\w\d]+(?=[^\W\d_])")
_REPEATED = 0.9
"""Share of different tickets below which another column that tells everybody apart may be meant."""
_SHORT_ID = 6
"""Characters up to which an identity number is a club's own and not the state's, which nobody should see."""


class NumberColumns:
    """Finds the columns of the tickets and of the chances, once those of the names are known.

    Args:
        judged: the columns.
        found: where to say what was found.
    """

    def __init__(self, judged: Judged, found: Found) -> None:
        self._judged = judged
        self._header = judged.header
        self._found = found

    def find(self) -> None:
        """Fill in chances and tickets.

        Raises:
            Unclear: a column that was named is not there.
            InputError: several columns hold tickets.
        """
        self._find_weight()
        self._find_ticket()
        self._refuse_ranges_in_two_columns()
        self._doubt_numbers_before_names()

    def _find_weight(self) -> None:
        wish = self._judged.wish
        if wish.weight:
            self._found.weight = self._judged.named(wish.weight, "--weight-column")
            return
        if wish.one_chance_each:
            return
        taken = self._judged.wished(wish.ticket, *wish.names)
        said = [
            place
            for place, meaning in enumerate(self._header.meanings)
            if meaning.role is Role.WEIGHT and place not in taken and self._holds_counts(place)
        ]
        broken = [place for place in said if self._holds_fractions(place)]
        if broken:
            held = self._judged.content(broken[0]).in_words()
            self._found.weight_options = broken
            self._found.doubts.append(
                f"{self._judged.titled(broken)} holds numbers with decimals ({held}), which are no numbers of chances "
                "(say --one-chance-each)"
            )
            return
        if said:
            said += [place for place in self._quantities(taken) if place not in said]
        if len(said) > 1:
            titles = [self._judged.titled((place,)) for place in said]
            self._found.doubts.append("the chances could be " + " or ".join(titles))
            self._found.weight_options = said
        elif said:
            self._found.weight = said[0]
        if said:
            return
        for place in self._quantities(taken):
            held = self._judged.content(place).in_words()
            self._found.weight_options.append(place)
            self._found.doubts.append(
                f"{self._judged.titled((place,))} holds numbers ({held}), which could "
                f"be the number of chances (--weight-column {named(place, self._header.texts)}) or mean something else "
                "(--one-chance-each)"
            )

    def _quantities(self, taken: set[int]) -> list[int]:
        """Return the columns whose header could mean a number of chances, and that hold numbers of something."""
        return [
            place
            for place, meaning in enumerate(self._header.meanings)
            if meaning.role is Role.QUANTITY and place not in taken and self._is_quantity(place)
        ]

    def _holds_counts(self, place: int) -> bool:
        content = self._judged.content(place)
        return content.filled > 0 and content.digits >= 0.3 and content.lettered <= 0.5

    def _holds_fractions(self, place: int) -> bool:
        """Tell whether most cells are numbers with decimals: a weight in kilograms."""
        texts = [cell.number.strip() for cell in self._header.column(place) if cell.text]
        broken = [text for text in texts if (match := _FRACTION.fullmatch(text)) and match[1].strip("0")]
        return len(broken) * 2 > len(texts)

    def _is_quantity(self, place: int) -> bool:
        content = self._judged.content(place)
        return content.over_one and content.counts >= 0.5 and not self._holds_several(place)

    def _holds_several(self, place: int) -> bool:
        """Tell whether cells of the column hold several tickets each."""
        return bool(cells_with_several(cell.text for cell in self._header.column(place) if cell.kind is Kind.TEXT))

    def _find_ticket(self) -> None:
        if self._judged.wish.give_numbers:
            return
        if self._judged.wish.ticket:
            self._found.ticket = self._judged.named(self._judged.wish.ticket, "--ticket-column")
            return
        for role in _TICKET_RANKS:
            good = [place for place in self._free(role) if self._could_be_tickets(place)]
            if good:
                self._take(good)
                self._doubt_repeated_tickets(role)
                self._refuse_more_tickets(role)
                return
        for place in self._free(Role.TICKET):
            content = self._judged.content(place)
            if content.filled == 0 and self._header.body:
                self._found.doubts.append(f"{self._judged.titled((place,))} is empty")
            elif content.filled and not content.private:
                self._found.doubts.append(
                    f"{self._judged.titled((place,))} does not tell people apart: {content.in_words()}"
                )
        plural = [place for place in self._free(Role.QUANTITY) if place not in self._found.weight_options]
        self._take([place for place in plural if self._names_single_tickets(place)])

    def _free(self, role: Role) -> list[int]:
        """Return the columns whose header says so and that are not taken yet."""
        taken = {*self._found.names, *self._found.spare, self._found.weight}
        return [place for place in range(self._header.width) if self._rank(place) is role and place not in taken]

    def _rank(self, place: int) -> Role:
        """Return what sort of number a column holds; another person's id comes last, the state's is none."""
        role = self._judged.role(place)
        if role is Role.IDENTITY:
            longest = max((len(cell.text) for cell in self._header.column(place)), default=0)
            return Role.ID if longest <= _SHORT_ID else Role.OTHER
        whose = self._header.meanings[place].whose if place < len(self._header.meanings) else ""
        return Role.ORDER if role is Role.ID and whose in {"manager", "supervisor", "teacher", "seller"} else role

    def _doubt_repeated_tickets(self, role: Role) -> None:
        """Doubt tickets that repeat beside a column of lower rank that tells everybody apart."""
        place = self._found.ticket
        if place is None or self._judged.content(place).unique >= _REPEATED:
            return
        lower = _TICKET_RANKS[_TICKET_RANKS.index(role) + 1 :]
        others = [
            other
            for rank in lower
            for other in self._free(rank)
            if self._judged.content(other).unique == 1.0 and self._could_be_tickets(other)
        ]
        if others:
            self._found.ticket_options = [place, *others]
            titles = [self._judged.titled((one,)) for one in (place, *others)]
            self._found.doubts.append(f"the ticket could be {' or '.join(titles)}; {titles[0]} holds some twice")

    def _refuse_more_tickets(self, role: Role) -> None:
        """Refuse columns with more tickets of the same people, `Ticket 1` and `Ticket 2`: one would be read alone."""
        first = self._found.ticket
        if first is None or role is not Role.TICKET or len(self._found.doubts) > 0:
            return
        known = set(map(str, (cell.text for cell in self._header.column(first))))
        more = [
            place
            for place in self._free(Role.TICKET)
            if place != first
            and self._judged.content(place).digits >= 0.9
            and self._judged.content(place).unique >= _REPEATED
            and not known & {cell.text for cell in self._header.column(place) if cell.text}
        ]
        if more:
            titles = ", ".join(self._judged.titled((place,)) for place in (first, *more))
            raise InputError(
                f"{self._judged.where}: several columns hold tickets ({titles}), and only one of them can be read. "
                "Nothing was imported.",
                remedy="Put all tickets of a person into one cell (101, 102) and say --split-tickets, or put each "
                "ticket in a row of its own. To read one of the columns alone, name it with --ticket-column.",
            )

    def _refuse_ranges_in_two_columns(self) -> None:
        """Refuse a first and a last ticket in two columns: `From` 1 `To` 25, and the next person goes on with 26."""
        wish = self._judged.wish
        if wish.ticket or wish.give_numbers:
            return
        counts = {place for place, one in enumerate(self._header.meanings) if one.role in {Role.WEIGHT, Role.QUANTITY}}
        taken = {*self._found.names, *self._found.spare, self._found.weight, *counts}
        for place in range(self._header.width - 1):
            if not taken & {place, place + 1} and self._are_ranges(place):
                titles = " and ".join(self._judged.titled((one,)) for one in (place, place + 1))
                raise InputError(
                    f"{self._judged.where}: the columns {titles} seem to hold the first and the last ticket of each "
                    "person. Nothing was imported.",
                    remedy="Put both into one column, 101-125, and say --split-tickets: each ticket becomes an entry. "
                    "If they are something else, name the column of the tickets with --ticket-column, or say "
                    "--give-numbers.",
                )

    def _are_ranges(self, place: int) -> bool:
        pairs = list(zip(self._header.column(place), self._header.column(place + 1), strict=True))
        numbers = [(a.number.strip(), b.number.strip()) for a, b in pairs if a.text and b.text]
        if len(numbers) < 2 or not all(a.isdecimal() and b.isdecimal() and len(b) < 10 for a, b in numbers):
            return False
        spans = sorted((int(first), int(last)) for first, last in numbers)
        if any(last < first for first, last in spans) or all(first == last for first, last in spans):
            return False
        gaps = [after[0] - before[1] for before, after in itertools.pairwise(spans)]
        return min(gaps) > 0 and gaps.count(1) * 2 >= len(gaps)

    def _doubt_numbers_before_names(self) -> None:
        """Doubt names that begin with a number each, where no other column holds tickets: `101 Anna Berg`."""
        wish, names = self._judged.wish, self._found.names
        if self._found.ticket is not None or wish.give_numbers or wish.names or len(names) != 1:
            return
        cells = [cell.text.strip() for cell in self._header.column(names[0]) if cell.text.strip()]
        numbers = [match[1] for text in cells if (match := _NUMBER_FIRST.match(text))]
        if len(numbers) > 1 and len(numbers) >= 0.8 * len(cells) and len(set(numbers)) == len(numbers):
            self._found.doubts.append(
                f"the names in {self._judged.titled(names)} begin with a number each ({', '.join(numbers[:3])}): if "
                "these are the tickets, put them into a column of their own"
            )

    def _take(self, good: list[int]) -> None:
        if not good:
            return
        kept = self._different_tickets(good)
        self._found.ticket, self._found.ticket_options = kept[0], good
        if len(kept) > 1:
            self._found.doubts.append(
                "the ticket could be " + " or ".join(self._judged.titled((place,)) for place in kept)
            )

    def _names_single_tickets(self, place: int) -> bool:
        """Tell whether a column called `Tickets` holds a ticket a row."""
        content = self._judged.content(place)
        return (content.could_be_tickets() and content.unique >= 0.9 and content.filled > 1) or self._holds_several(
            place
        )

    def _different_tickets(self, good: list[int]) -> list[int]:
        exact = [place for place in good if self._judged.content(place).unique == 1.0]
        full = [place for place in exact if self._judged.content(place).filled == len(self._header.body)]
        best = full or exact or good
        kept = [best[0]]
        for place in best[1:]:
            if not same_values(self._header.column(kept[0]), self._header.column(place)):
                kept.append(place)
        return kept

    def _could_be_tickets(self, place: int) -> bool:
        content = self._judged.content(place)
        if not self._header.body:
            return True
        if self._judged.role(place) is Role.TICKET:
            one_double = content.filled - content.distinct <= 1
            return (content.could_be_tickets() and (content.unique >= 0.6 or one_double)) or self._has_one_fault_only(
                content
            )
        # An id tells people apart in every row; a number that repeats is something else.
        people = sum(
            bool(row.cell(column).text) and sum(bool(cell.text) for cell in row.cells) > 1
            for row in self._header.body
            for column in self._found.names[:1]
        )
        enough = content.filled >= 0.5 * max(people, 1)
        return content.could_be_tickets() and content.unique >= 0.8 and enough

    def _has_one_fault_only(self, content: Content) -> bool:
        """Tell whether a short list has a ticket column whose values could be tickets, were it not for a double."""
        return content.filled <= 3 and content.digits >= 0.5 and not content.private
