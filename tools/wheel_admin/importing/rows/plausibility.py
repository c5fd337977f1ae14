"""What an organiser should look at before a list goes on the wheel, though no rule forbids it.

Invariant: pure. Warnings name rows or tickets, and change nothing.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence

from kiosk.core.text_rules import clean
from wheel_admin.importing.columns.content import has_letters
from wheel_admin.importing.columns.header_words import fold, folded_words
from wheel_admin.importing.rows.furniture import is_section
from wheel_admin.importing.tables import shown
from wheel_admin.participants import Entry

_LISTED = 5
_TWO_PEOPLE = re.compile(
    r"\S+\s+(?:&|\+|/|and|und|et|y|e|en|og|och|i|и|;)\s+\S+\s+\S+|\S+ \S+\s*[;/]\s*\S+ \S+", re.IGNORECASE
)
_LOST = 0.1
"""A list that has lost more than this share against the published one deserves a look."""
_CANCELLED_TEXT = """
cancelled canceled refunded void voided rejected declined withdrawn duplicate storniert abgesagt erstattet abgelehnt
annule rembourse refuse cancelado cancelada reembolsado anulado anulada rechazado annullato rimborsato geannuleerd
terugbetaald anulowano anulowany zwrocono отменен отменено возврат avbokad avbestilt avbestalt peruttu zruseno
stornovano visszavonva iptal キャンセル 取消 已取消 退款 취소 환불
"""
_CANCELLED = frozenset(_CANCELLED_TEXT.split())
_NOT_THERE_TEXT = """
not attending, not going, not coming, did not attend, no show, waitlist, waitlisted, waiting list, unpaid, not paid,
nimmt nicht teil, kommt nicht, nicht erschienen, warteliste, unbezahlt, nicht bezahlt, ne participe pas, ne vient pas,
absent, absente, liste d attente, non paye, non payee, no asiste, no asistira, no asistio, lista de espera, no pagado,
nao comparece, nao compareceu, nao pago, non partecipa, non partecipera, lista d attesa, non pagato, komt niet,
niet aanwezig, wachtlijst, niet betaald, nie uczestniczy, nieobecny, nieobecna, lista rezerwowa, nieoplacony,
kommer inte, kommer ikke, venteliste, vantelista,
不参加, 欠席, キャンセル待ち, 未払い, 未参加, 候补, 未付款, 불참, 대기자, 미결제
"""
_NOT_THERE = frozenset(fold(phrase) for phrase in _NOT_THERE_TEXT.split(","))
_PLACEHOLDERS_TEXT = """
tba, tbc, tbd, n/a, n.a., unknown, anonymous, nobody, vacant, available, reserved, test, test test, test user, sample,
example, max mustermann, john doe, jane doe, unbekannt, anonym, frei, reserviert, beispiel, inconnu, anonyme, exemple,
desconocido, anónimo, libre, ejemplo, desconhecido, sconosciuto, anonimo, onbekend, nieznany, неизвестно, не указано,
匿名, 未定, 不明, 未知, 익명, 미정
"""
_PLACEHOLDERS = frozenset(fold(word) for word in _PLACEHOLDERS_TEXT.split(","))
_DAMAGED = re.compile(
    r"\ufffd|[ÃÂÄÅÐÑ][\u0080-\u00bf\u0152-\u017e\u0192\u02c6-\u02dc\u2013-\u2122]|&(?:#\d+|#x[0-9a-f]+|[a-z]+);|[^\W\d_]\?+[^\W\d_]",
    re.IGNORECASE,
)
"""What is left of letters that a program has read in a wrong encoding, or written for a web page."""
_CONTACT = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|(?<!\d)[+(]?\d(?:[ ()/.-]*\d){6,}")
_LINE_BREAK = re.compile(r"[\r\n]+")
_TYPES_TEXT = """
vip, standard, regular, basic, premium, gold, silver, bronze, free, paid, general admission, early bird,
late bird, adult, child, children, kid, student, senior, concession, family, group, member, non member,
guest, staff, press, speaker, sponsor, volunteer, day ticket, weekend ticket, season ticket, full price,
reduced, discounted, ticket, entry, admission, normal, ermassigt, vollzahler, kind, kinder, erwachsene,
erwachsener, studierende, schuler, mitglied, gast, familie, fruhbucher, tageskarte, dauerkarte, plein
tarif, tarif reduit, adulte, enfant, etudiant, adulto, nino, estudiante, general, anticipada, bambino,
ridotto, intero, studente, crianca, estudante, inteira, meia, volwassene, dorosly, dziecko, ulgowy,
normalny, barn, vuxen, voksen, aikuinen, lapsi, взрослый, детский, льготный, 一般, 大人, 子供, 学生, 成人, 儿童, 일반,
학생
"""
_TYPES = frozenset(fold(word) for word in _TYPES_TEXT.split(","))
_ALL_ALIKE_FROM = 3
"""Two people may well have one name; from here on it is a column of something else."""


def doubts(entries: Sequence[Entry], origins: Sequence[str] = (), *, published: int = 0) -> list[str]:
    """Return what to ask about before this list goes on the wheel.

    Args:
        entries: the whole list.
        origins: where each of them stands; without them, their tickets say so.
        published: how many entries the published list of the same event has; 0 if there is none.
    """
    where = origins or [f"ticket {shown(entry.ticket)}" for entry in entries]
    alike = all_the_same(entries)
    found = [
        alike,
        letterless([entry.name for entry in entries], where),
        suspicious_names([entry.name for entry in entries], where),
        types_for_tickets(entries),
        look_alike_tickets(entries),
        "" if alike else same_names(entries),
        lost(published, len(entries)),
    ]
    return [text for text in found if text]


def all_the_same(entries: Sequence[Entry]) -> str:
    """Return a warning about a list on which everybody has one name; empty if it is another one."""
    names = {fold(entry.name) or entry.name for entry in entries}
    if len(entries) < _ALL_ALIKE_FROM or len(names) > 1:
        return ""
    return f"All {len(entries)} entries have the same name: {shown(entries[0].name)}. Is that the column of the names?"


def suspicious_names(names: Sequence[str], origins: Sequence[str]) -> str:
    """Return a warning about names that may be none, or that hold what nobody else should see; empty without any."""
    kinds: dict[str, Callable[[str], bool]] = {
        "a placeholder": lambda name: fold(name) in _PLACEHOLDERS,
        "damaged by a wrong encoding (save the list as UTF-8)": lambda name: _DAMAGED.search(name) is not None,
        "an e-mail address or a telephone number, which everybody would see": (
            lambda name: _CONTACT.search(name) is not None
        ),
        "the title of a section": is_section,
    }
    found = {
        what: [origin for name, origin in zip(names, origins, strict=True) if is_one(name)]
        for what, is_one in kinds.items()
    }
    if len(found["the title of a section"]) * 2 > len(names):
        del found["the title of a section"]  # they are the participants: tables, classes
    told = [f"{what}: {_rows(rows)}" for what, rows in found.items() if rows]
    return f"Some names look like {'; or like '.join(told)}." if told else ""


def types_for_tickets(entries: Sequence[Entry]) -> str:
    """Return a warning about tickets that are a kind of ticket, such as `VIP`; empty if there are none."""
    found = [shown(entry.ticket) for entry in entries if fold(entry.ticket) in _TYPES]
    if not found:
        return ""
    one = len(found) == 1
    return (
        f"{len(found)} {'ticket is' if one else 'tickets are'} a kind of ticket, not a number: {_rows(found)}."
        " Is that the column of the tickets?"
    )


def same_names(entries: Sequence[Entry]) -> str:
    """Return a warning about names that occur more than once; empty if there are none."""
    tickets: dict[str, list[Entry]] = {}
    for entry in entries:
        tickets.setdefault(fold(entry.name) or entry.name, []).append(entry)
    repeated = [group for group in tickets.values() if len(group) > 1]
    if not repeated:
        return ""
    count = sum(map(len, repeated))
    names = "; ".join(f"{shown(group[0].name)} ({_tickets(group)})" for group in repeated[:_LISTED])
    more = "; ..." if len(repeated) > _LISTED else ""
    return (
        f"{len(repeated)} {'name occurs' if len(repeated) == 1 else 'names occur'} more than once, {count} entries "
        f"together, and each stays an entry of its own: {names}{more}."
    )


def look_alike_tickets(entries: Sequence[Entry]) -> str:
    """Return a warning about tickets that a reader could take for each other; empty if there are none."""
    looks: dict[str, list[str]] = {}
    suspects = any(not entry.ticket.isascii() for entry in entries) or any(
        map(has_letters, (e.ticket for e in entries))
    )
    if not suspects:
        return ""
    skeleton = _skeletons(any(not entry.ticket.isascii() for entry in entries))
    for entry in entries:
        looks.setdefault(skeleton(entry.ticket), []).append(entry.ticket)
    pairs = [group for group in looks.values() if len(group) > 1]
    if not pairs:
        return ""
    listed = "; ".join(" and ".join(map(shown, group[:3])) for group in pairs[:_LISTED])
    return f"Some tickets look alike on a screen: {listed}{'; ...' if len(pairs) > _LISTED else ''}."


def _skeletons(beyond_ascii: bool) -> Callable[[str], str]:  # noqa: FBT001 - the one thing it asks
    table = _table() if beyond_ascii else {}
    ascii_alike = str.maketrans({"O": "0", "o": "0", "I": "1", "l": "1", "|": "1"})

    def skeleton(text: str) -> str:
        return "".join(
            table.get(character, character) for character in unicodedata.normalize("NFKC", clean(text))
        ).translate(ascii_alike)

    return skeleton


def _table() -> dict[str, str]:
    """Return Unicode's look-alikes (UTS 39) of ASCII letters and digits."""
    from confusable_homoglyphs.utils import load  # noqa: PLC0415 - 300 kB that few lists need

    found: dict[str, str] = {}
    for character, twins in load("confusables.json").items():
        plain = [twin["c"] for twin in twins if twin["c"].isascii() and len(twin["c"]) == 1]
        if plain and not character.isascii():
            found[character] = plain[0]
    return found


def on_two_lines(text: str) -> bool:
    """Tell whether a cell has two names, one a line."""
    if "\n" not in text and "\r" not in text:
        return False
    lines = [part for part in _LINE_BREAK.split(text.strip()) if " " in part.strip() and has_letters(part)]
    return len(lines) > 1


def two_people(names: Sequence[str], origins: Sequence[str], broken: Collection[str] = ()) -> str:
    """Return a warning about cells that seem to name two people; empty if there are none.

    Args:
        names: as they were read.
        origins: where each of them stands.
        broken: where names stand on several lines of their cell.
    """
    found = [
        origin for name, origin in zip(names, origins, strict=True) if origin in broken or _TWO_PEOPLE.search(name)
    ]
    if not found:
        return ""
    return (
        f"{len(found)} {'cell seems' if len(found) == 1 else 'cells seem'} to name two people, and "
        f"{'is one entry' if len(found) == 1 else 'are one entry each'}: {_rows(found)}."
    )


def letterless(names: Sequence[str], origins: Sequence[str]) -> str:
    """Return a warning about names without any letter; empty if there are none."""
    found = [origin for name, origin in zip(names, origins, strict=True) if not has_letters(name)]
    return (
        f"{len(found)} {'name has' if len(found) == 1 else 'names have'} no letters: {_rows(found)}." if found else ""
    )


def cancelled(texts: Iterable[tuple[str, str]]) -> str:
    """Return a warning about rows with a status such as `Cancelled` or `Not attending`.

    Args:
        texts: (text of a cell that is not read, where its row is).
    """
    found: dict[str, list[str]] = {}
    for text, origin in texts:
        folded = fold(text)
        if folded in _CANCELLED or folded in _NOT_THERE or not _CANCELLED.isdisjoint(folded_words(text)):
            found.setdefault(clean(text), []).append(origin)
    if not found:
        return ""
    listed = "; ".join(f"{shown(status)} in {_rows(rows)}" for status, rows in list(found.items())[:_LISTED])
    return f"Some rows have a status that may mean they take no part: {listed}."


def lost(before: int, after: int) -> str:
    """Return a warning about a list that lost more than a tenth against the published one; empty if it did not."""
    if before and after < before * (1 - _LOST):
        return f"The list has {after} entries; the published one has {before}, so {before - after} would be gone."
    return ""


def invisible(count: int) -> str:
    """Return a note about invisible characters that were taken off the edges of texts."""
    return (
        f"Invisible characters were taken off the edges of {count} {'cell' if count == 1 else 'cells'}."
        if count
        else ""
    )


def _tickets(group: Sequence[Entry]) -> str:
    return ", ".join(shown(entry.ticket) for entry in group[:4]) + (", ..." if len(group) > 4 else "")


def _rows(origins: Sequence[str]) -> str:
    return ", ".join(origins[:_LISTED]) + (f" and {len(origins) - _LISTED} more" if len(origins) > _LISTED else "")
