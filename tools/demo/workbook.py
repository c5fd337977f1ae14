"""A workbook as an organiser would really have it, for the demo, the bench and the tests.

Invariant: the same seed makes the same rows. Every person in it is made up: common given names of many languages beside
invented family names.
"""

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kiosk.core.errors import UsageError, WheelError
from wheel_admin.participants import Entry

TITLE = "Summer party 2026 - prize draw"
HEADER = ("Ticket No", "First name", "Last name", "Town", "Chances")
SHEET = "Participants"
_SEED = 2026
_PADDED_SHARE = 0.8
"""Share of tickets kept as text with leading zeros; the rest are numbers shown as 0000, as Excel people do it."""
_EMOJI_SHARE = 0.02
_BELL = "_x0007_"
"""How Excel itself writes the control character U+0007 into a workbook."""
_OVERRIDE = "\u202e"


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows a workbook got: those that an import accepts, and those that it rejects."""

    valid: int
    faulty: int


@dataclass(frozen=True, slots=True)
class _Tongue:
    """Given names, and syllables to invent family names from."""

    given: tuple[str, ...]
    syllables: tuple[str, ...]
    ends: tuple[str, ...]


_TONGUES = (
    _Tongue(
        ("Ana", "José", "Zoë", "Jürgen", "Søren", "Łucja", "Ngọc", "Çağla", "Ólafur", "Siân", "Noël", "Inês"),
        ("Bra", "Kor", "Mal", "Ste", "Vin", "Dro", "Hal", "Tür", "Šev", "Åke"),
        ("berg", "ova", "ini", "sen", "ez", "ström", "ć", "mann", "field", "ão"),
    ),
    _Tongue(("Ελένη", "Νίκος", "Μαρία", "Γιώργος"), ("Καρ", "Μελ", "Στα", "Βαλ"), ("ίδης", "άκης", "όπουλος")),
    _Tongue(("Ольга", "Иван", "Мария", "Сергей", "Юлия"), ("Бор", "Кал", "Вес", "Луч"), ("енко", "ский", "ова", "ин")),
    _Tongue(("محمد", "فاطمة", "ليلى", "يوسف"), ("البح", "الزه", "المر", "الكو"), ("راني", "يري", "جاني")),
    _Tongue(("נועה", "דוד", "מרים", "יונתן"), ("בר", "גול", "רוז", "שמ"), ("מן", "ברג", "עוני")),
    _Tongue(("आशा", "राज", "मीरा", "विजय"), ("शर", "वर", "पट", "गुप"), ("मा", "ेल", "ता")),
    _Tongue(("สมชาย", "มาลี", "อรุณ", "นิดา"), ("ศรี", "วงศ์", "ทอง", "บุญ"), ("สุข", "ชัย", "ดี")),
    _Tongue(("小明", "美玲", "建国", "芳"), ("王", "李", "欧阳", "陈"), ("",)),
    _Tongue(("さくら", "健太", "陽菜", "ケン"), ("山", "田", "木", "森"), ("本", "中", "村", "下")),
    _Tongue(("지우", "민준", "서연", "하늘"), ("김", "박", "최", "남궁"), ("",)),
)
_FIRST_TONGUE_SHARE = 0.6
_TOWNS = ("Norvale", "Östhaven", "Belcanto", "Škofnik", "Río Alto", "Kestrel Bay", "")
_EMOJI = ("🎉", "🌻", "👩‍🚀", "🇺🇳")


def write_workbook(path: Path, *, rows: int = 3000, seed: int = _SEED) -> Written:
    """Write a workbook with `rows` valid rows and a few faulty ones between them.

    Above the header stand a title and an empty row. Tickets have leading zeros, some as text and some as numbers in
    the format 0000; faulty rows show what organisers' lists suffer from.

    Args:
        path: where to write it; an existing file is replaced.
        rows: how many valid rows.
        seed: another seed makes other people.
    """
    # Imported here: the tests import this module and not all of them write a workbook.
    from openpyxl import Workbook  # noqa: PLC0415

    chance = random.Random(seed)  # noqa: S311 - made-up names, not a draw
    valid = [_person(chance, number) for number in range(1, rows + 1)]
    lines: list[Sequence[object]] = list(valid)
    faulty = _faulty_rows(str(valid[0][0]) if rows else "1")
    for line in faulty:
        # Never before the first row, whose ticket one of them repeats.
        lines.insert(chance.randint(min(1, len(lines)), len(lines)), line)

    workbook = Workbook()
    sheet = workbook.active
    sheet.title = SHEET
    sheet.append([TITLE])
    sheet.append([])
    sheet.append(HEADER)
    for line in lines:
        sheet.append(line)
        ticket = sheet.cell(sheet.max_row, 1)
        if isinstance(ticket.value, int):
            ticket.number_format = "0000"
    sheet.freeze_panes = "A4"
    workbook.save(path)
    return Written(valid=rows, faulty=len(faulty))


def people(rows: int = 3000, *, seed: int = _SEED) -> list[Entry]:
    """Return the valid rows of the workbook as entries of an import, without writing the workbook."""
    chance = random.Random(seed)  # noqa: S311 - made-up names, not a draw
    found = []
    for number in range(1, rows + 1):
        ticket, given, family, _, weight = _person(chance, number)
        found.append(Entry(ticket=f"{ticket:>04}", name=f"{given} {family}", weight=int(str(weight))))
    return found


def _person(chance: random.Random, number: int) -> Sequence[object]:
    tongue = _TONGUES[0] if chance.random() < _FIRST_TONGUE_SHARE else chance.choice(_TONGUES[1:])
    given = chance.choice(tongue.given)
    family = chance.choice(tongue.syllables) + chance.choice(tongue.ends)
    if chance.random() < _EMOJI_SHARE:
        family += f" {chance.choice(_EMOJI)}"
    ticket = f"{number:04d}" if chance.random() < _PADDED_SHARE else number
    chances = chance.choice((1, 1, 1, 1, 1, 2, 3))
    return (ticket, given, family, chance.choice(_TOWNS) or None, chances)


def _faulty_rows(taken: str) -> list[Sequence[object]]:
    """Return rows that an import must reject, each for one reason of its own; `taken` is a ticket already used."""
    return [
        ("9001", None, None, "Norvale", 1),
        (None, "Ana", "Korberg", "Norvale", 1),
        (taken.zfill(4), "Zoë", "Malsen", "Belcanto", 1),
        ("9002", f"Ivo{_BELL}", "Drović", None, 1),
        ("9003", f"Uma{_OVERRIDE}", "Halfield", None, 1),
        ("9004", "Noël", "Vinez", "Río Alto", "two"),
        (datetime(2026, 5, 4), "Inês", "Stejão", "Norvale", 1),
    ]


def main(arguments: Sequence[str]) -> int:
    """Write a workbook to the path in `arguments` and say what is in it; returns the exit code."""
    try:
        if len(arguments) != 1:
            raise UsageError("Name one file to write.", remedy="python -m demo.workbook people.xlsx")
        try:
            written = write_workbook(Path(arguments[0]))
        except OSError as error:
            raise UsageError(f"Cannot write {arguments[0]}: {error.strerror or error}.") from error
    except WheelError as error:
        sys.stderr.write(f"Error: {error}\n")
        return error.exit_code
    sys.stdout.write(f"Wrote {arguments[0]}: {written.valid} valid rows, {written.faulty} faulty ones.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
