"""Which column of a sheet holds the tickets, which the names, which the chances, and where the header is.

Invariant: pure. What the organiser named on the command line wins over what common headers suggest, and where two
columns fit equally well nobody guesses.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from kiosk.core.errors import InputError
from wheel_admin.importing.tables import Kind, Row, Sheet, column_index, letter, shown

HEADER_WITHIN = 20
"""The header is looked for in rows 1 to 20: above it stand titles, dates and logos."""


def fold(header: str) -> str:
    """Return what is left of a header when case, accents, spaces, punctuation and a bracketed remark are put aside.

    `Ticket #`, `ticket-no.` and `TICKET NO (4 digits)` all become `ticketno`.
    """
    bare = header.partition("(")[0] or header
    decomposed = unicodedata.normalize("NFKD", bare.replace("#", " no ")).casefold()
    return "".join(character for character in decomposed if character.isalnum())


def _folded(*headers: str) -> frozenset[str]:
    return frozenset(map(fold, headers))


# Each tuple is ordered: a column that fits an earlier group wins over one that fits a later group.
TICKET_HEADERS = (
    _folded(
        *("ticket", "ticket no", "ticket number", "ticket nr", "ticket num", "ticket id", "ticket code"),
        *("raffle ticket", "raffle number", "draw number", "entry no", "entry number", "lottery number"),
        *("los", "losnr", "losnummer", "los nummer", "ticketnummer", "billet", "no billet", "numero de billet"),
        *("boleto", "numero de boleto", "biglietto", "numero biglietto", "bilhete", "lot", "lotnummer", "bilet"),
        *(
            "билет",
            "номер билета",
            "λαχνος",
            "αριθμος λαχνου",
            "票号",
            "抽奖号",
            "抽選番号",
            "추첨번호",
            "تذكرة",
            "כרטיס",
        ),
    ),
    _folded(
        *("id", "code", "member id", "member no", "member number", "participant id", "participant no", "badge"),
        *("badge no", "badge number", "badge id", "employee id", "employee no", "customer no", "customer number"),
        *("personalnummer", "mitgliedsnummer", "teilnehmernummer", "kundennummer", "kennung", "codigo", "codice"),
        *("matricule", "код", "κωδικος", "编号", "番号", "번호"),
    ),
    _folded(
        "number", "no", "nr", "num", "nummer", "numero", "número", "numéro", "n", "номер", "αριθμος", "号码", "رقم"
    ),
)
_FULL_NAME = _folded(
    *("full name", "participant", "participant name", "participants", "attendee", "attendee name", "display name"),
    *("entrant", "entrant name", "player", "guest", "guest name", "employee", "employee name", "member", "member name"),
    *("person", "customer name", "teilnehmer", "teilnehmerin", "teilnehmer name", "vollstandiger name", "ganzer name"),
    *("nombre completo", "nombre y apellidos", "participante", "nom complet", "nom et prenom", "nome completo"),
    *("partecipante", "uczestnik", "фио", "участник", "ονοματεπωνυμο", "姓名", "氏名", "お名前", "이름", "성명"),
    *("الاسم الكامل", "שם מלא", "ชื่อ", "नाम"),
)
_NAME = _folded("name", "names", "nombre", "nom", "nome", "naam", "navn", "namn", "imie", "имя", "όνομα", "الاسم", "שם")
_FIRST_NAME = _folded(
    *("first name", "firstname", "given name", "given names", "forename", "first", "vorname", "rufname", "prenom"),
    *("primer nombre", "voornaam", "fornavn", "fornamn", "fornafn"),
)
_LAST_NAME = _folded(
    *("last name", "lastname", "surname", "family name", "last", "nachname", "familienname", "zuname", "apellido"),
    *("apellidos", "nom de famille", "cognome", "sobrenome", "achternaam", "etternavn", "efternamn", "nazwisko"),
    *("фамилия", "επωνυμο"),
)
WEIGHT_HEADERS = (
    _folded("weight", "weights", "chances", "chance", "shares", "share", "number of chances", "number of tickets"),
    _folded("entries", "lose", "anzahl lose", "gewicht", "anteile", "chancen", "peso", "poids", "parts"),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the organiser named: header texts or column letters; empty means look for common headers.

    Attributes:
        header_row: the header's row number, 0 for a list without one, None to look for it.
    """

    ticket: str = ""
    names: tuple[str, ...] = ()
    weight: str = ""
    header_row: int | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """Where things are: 0-based columns, and the header's row number (0 if there is none)."""

    header_row: int
    ticket: int
    names: tuple[int, ...]
    weight: int | None


def find_columns(sheet: Sheet, wish: Wish, *, where: str) -> Columns:
    """Return where header, tickets, names and weights are.

    Args:
        sheet: with at least one row.
        wish: what the organiser named.
        where: file and sheet, for messages.

    Raises:
        InputError: not found, two columns fit equally well, or what would be the header may be a participant.
    """
    if wish.header_row is not None:
        named = next((row for row in sheet.rows if row.number == wish.header_row), Row(wish.header_row, ()))
        found = _Header(named, where, wish, may_be_blank=True).columns()
        if found is None:
            raise InputError(
                f"{where}: row {wish.header_row} does not say which columns hold the ticket and the name.",
                remedy="Name them: --ticket-column A --name-column B.",
            )
        return found
    for row in sheet.rows:
        if row.number > HEADER_WITHIN:
            break
        header = _Header(row, where, wish)
        found = header.columns()
        if found is not None:
            header.refuse_a_participant(found)
            return found
    raise _no_header(sheet, wish, where)


class _Header:
    """One row, read as if it were the header."""

    def __init__(self, row: Row, where: str, wish: Wish, *, may_be_blank: bool = False) -> None:
        self._row = row
        self._where = where
        self._wish = wish
        self._may_be_blank = may_be_blank
        self._headers = [fold(cell.text) if cell.kind in {Kind.TEXT, Kind.NUMBER} else "" for cell in row.cells]

    def columns(self) -> Columns | None:
        """Return what the row says, or None if it lacks tickets or names."""
        wish = self._wish
        tickets = self._named(wish.ticket) if wish.ticket else self._common(TICKET_HEADERS)
        names = [self._named(name) for name in wish.names] if wish.names else self._name_columns()
        if not tickets or not names or not all(names):
            return None
        return Columns(
            header_row=self._row.number,
            ticket=self._only(tickets, "tickets", "--ticket-column"),
            names=tuple(self._only(places, "names", "--name-column") for places in names),
            weight=self._weight(),
        )

    def refuse_a_participant(self, found: Columns) -> None:
        """Refuse to take the row for the header when only letters say so and it looks like the first participant."""
        if any(self._by_text(wanted) for wanted in (self._wish.ticket, *self._wish.names)):
            return
        if not self._wish.ticket or not self._wish.names:  # then a common header was recognised
            return
        ticket = self._row.cell(found.ticket)
        if ticket.kind is not Kind.TEXT or any(character.isdigit() for character in ticket.text):
            raise InputError(
                f"{self._where}: row {self._row.number} looks like a participant, not like a header: "
                f"{headers_of(self._row)}.",
                remedy=f"Add --header-row 0 if there is no header, or --header-row {self._row.number} if this is it.",
            )

    def _by_text(self, wanted: str) -> bool:
        return bool(fold(wanted)) and fold(wanted) in self._headers

    def _named(self, wanted: str) -> list[int]:
        # A header text wins over a letter: `NO` and `ID` are columns of Excel too.
        if self._by_text(wanted):
            return [place for place, header in enumerate(self._headers) if header == fold(wanted)]
        place = column_index(wanted)
        if place is None or (not self._may_be_blank and self._row.cell(place).kind is Kind.EMPTY):
            return []
        return [place]

    def _common(self, groups: Iterable[frozenset[str]]) -> list[int]:
        for group in groups:
            places = [place for place, header in enumerate(self._headers) if header in group]
            if places:
                return places
        return []

    def _name_columns(self) -> list[list[int]]:
        full = self._common([_FULL_NAME])
        if full:
            return [full]
        name, first, last = (self._common([group]) for group in (_NAME, _FIRST_NAME, _LAST_NAME))
        # `Name, Vorname` and `nom, prénom` call the family name simply the name; `nombre, apellidos` the given one.
        given = first or name
        family = last or (name if first else [])
        return [places for places in (given, family) if places]

    def _weight(self) -> int | None:
        wanted = self._wish.weight
        places = self._named(wanted) if wanted else self._common(WEIGHT_HEADERS)
        if wanted and not places:
            raise InputError(
                f"{self._where}: the header in row {self._row.number} has no column {wanted!r} for the chances.",
                remedy=f"It has: {headers_of(self._row)}. Name one of these, or its letter, with --weight-column.",
            )
        return self._only(places, "chances", "--weight-column") if places else None

    def _only(self, places: list[int], what: str, option: str) -> int:
        if len(places) > 1:
            listed = " and ".join(f"{letter(place)} ({shown(self._row.cell(place).text)})" for place in places)
            raise InputError(
                f"{self._where}, row {self._row.number}: columns {listed} could both hold the {what}.",
                remedy=f"Say which one by its letter: {option} {letter(places[0])}.",
            )
        return places[0]


def _no_header(sheet: Sheet, wish: Wish, where: str) -> InputError:
    first = sheet.rows[0]
    asked = [wish.ticket, *wish.names]
    looked = f" with {' and '.join(repr(shown(name)) for name in asked if name)}" if any(asked) else ""
    return InputError(
        f"{where}: no header{looked} for tickets and names in rows 1 to {HEADER_WITHIN}. "
        f"The first row with content is row {first.number}: {headers_of(first)}.",
        remedy="Name the columns, by header or letter: --ticket-column A --name-column B; "
        "with --header-row 0 if there is no header. Or choose another sheet with --sheet NAME.",
    )


def headers_of(row: Row) -> str:
    """Return the row's cells for a message: `A 'Ticket', B 'Name'`."""
    listed = [f"{letter(place)} {shown(cell.text)!r}" for place, cell in enumerate(row.cells) if cell.text]
    return ", ".join(listed[:8]) + (", ..." if len(listed) > 8 else "")
