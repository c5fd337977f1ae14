"""Columns by their headers, in many languages: what a header says, and how the parts of a name are joined."""

import pytest

from tests.wheel_admin.importing.conftest import csv_of, imported, workbook
from wheel_admin.importing.columns.header_words import Role, meaning_of, total_words

HEADERS = {
    "en": ("Ticket No(s)", "Purchaser"),
    "en-forms": ("Response ID", "What is your full name?"),
    "de": ("Los-Nr.", "Teilnehmer/in"),
    "fr": ("Billet n°", "Nom et prénom"),
    "es": ("Folio", "Nombre y apellidos"),
    "pt": ("Número da sorte", "Nome completo"),
    "it": ("N. biglietto", "Nominativo"),
    "nl": ("Lotnr", "Naam deelnemer"),
    "pl": ("Nr losu", "Imię i nazwisko"),
    "ru": ("№", "Ф.И.О."),
    "uk": ("Номер квитка", "ПІБ"),
    "bg": ("Номер", "Име и фамилия"),
    "zh": ("員工編號", "姓名"),
    "ja": ("受付番号", "お名前"),
    "ko": ("추첨번호", "성명"),
    "ar": ("رقم التذكرة", "اسم المشارك"),
    "fa": ("شماره بلیط", "نام و نام خانوادگی"),
    "he": ("מספר כרטיס", "שם מלא"),
    "tr": ("Bilet No", "Adı Soyadı"),
    "sv": ("Lottnummer", "Deltagare"),
    "da": ("Lodnummer", "Navn"),
    "no": ("Loddnummer", "Fullt navn"),
    "fi": ("Arpanumero", "Koko nimi"),
    "cs": ("Číslo losu", "Jméno a příjmení"),
    "sk": ("Číslo lístka", "Meno a priezvisko"),
    "hu": ("Sorszám", "Teljes név"),
    "el": ("Αριθμός λαχνού", "Ονοματεπώνυμο"),
    "th": ("เลขที่", "ชื่อ-นามสกุล"),
    "hi": ("टिकट संख्या", "पूरा नाम"),
    "vi": ("Số vé", "Họ và tên"),
    "id": ("Nomor Tiket", "Nama Lengkap"),
    "ms": ("No. Tiket", "Nama Penuh"),
    "ro": ("Nr. bilet", "Nume și prenume"),
    "hr": ("Broj srećke", "Ime i prezime"),
    "sr": ("Број срећке", "Име и презиме"),
    "sl": ("Številka srečke", "Ime in priimek"),
    "et": ("Loosi number", "Ees- ja perekonnanimi"),
    "lv": ("Biļetes numurs", "Vārds, uzvārds"),
    "lt": ("Bilieto numeris", "Vardas, pavardė"),
    "ca": ("Número de butlleta", "Nom i cognoms"),
    "is": ("Miðanúmer", "Fullt nafn"),
}


@pytest.mark.parametrize(("ticket", "name"), HEADERS.values(), ids=HEADERS)
def test_headers_of_every_language_are_known(ticket: str, name: str) -> None:
    done = imported("list.xlsx", workbook([(ticket, name), (101, "Anna Berg"), (102, "Ben Cole")]))

    assert done.people == [("101", "Anna Berg"), ("102", "Ben Cole")]
    assert ticket in done.notes


PARTS = {
    "de": ("Nachname", "Vorname", "Dr.|Berg|Anna", "Anna Berg"),
    "title": ("Titel", "Vorname", "Nachname", "Dr.|Anna|Berg", "Dr. Anna Berg"),
    "name is the family": ("Name", "Vorname", "Berg|Anna", "Anna Berg"),
    "name is the given": ("Nombre", "Apellidos", "Ana|Ruiz Peña", "Ana Ruiz Peña"),
    "two surnames": ("Nombre", "Apellido paterno", "Apellido materno", "Ana|Ruiz|Peña", "Ana Ruiz Peña"),
    "infix": ("Achternaam", "Tussenvoegsel", "Voornaam", "Berg|van den|Anna", "Anna van den Berg"),
    "middle": ("Last name", "First name", "Middle name", "Berg|Anna|Maria", "Anna Maria Berg"),
    "suffix": ("First", "Last", "Suffix", "Ben|Cole|Jr.", "Ben Cole Jr."),
    "patronymic": ("Фамилия", "Имя", "Отчество", "Петров|Иван|Ильич", "Иван Ильич Петров"),
    "hungarian": ("Keresztnév", "Vezetéknév", "Anna|Nagy", "Nagy Anna"),
    "chinese": ("名", "姓", "伟|张", "张伟"),
    "vietnamese": ("Tên", "Họ", "An|Nguyễn", "Nguyễn An"),
    "brackets": ("Name (Last)", "Name (First)", "Berg|Anna", "Anna Berg"),
    "reading": ("氏名", "フリガナ", "山田 太郎|ヤマダ タロウ", "山田 太郎"),
    "display name": ("Display name", "Name", "annab|Anna Berg", "Anna Berg"),
    "company": ("Company name", "Name", "Hall Ltd|Anna Berg", "Anna Berg"),
}


@pytest.mark.parametrize("case", list(PARTS.values())[1:], ids=list(PARTS)[1:])
def test_all_parts_of_a_name_are_joined_in_their_natural_order(case: tuple[str, ...]) -> None:
    *header, cells, expected = case
    rows = [("Ticket", *header), ("101", *cells.split("|")), ("102", *cells.split("|"))]
    done = imported("list.xlsx", workbook(rows))

    assert [name for _, name in done.people] == [expected, expected]


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Company Name", Role.OTHER),
        ("Telefonnummer", Role.OTHER),
        ("Ticket Type", Role.OTHER),
        ("Number of tickets", Role.WEIGHT),
        ("# of tickets", Role.WEIGHT),
        ("Anzahl Lose", Role.WEIGHT),
        ("Tickets", Role.QUANTITY),
        ("Quantity", Role.QUANTITY),
        ("ResponseId", Role.ID),
        ("Name - First", Role.GIVEN),
        ("Person 12", Role.UNKNOWN),
        ("Locker number", Role.OTHER),
        ("", Role.UNKNOWN),
        ("x" * 300, Role.UNKNOWN),
    ],
)
def test_a_header_says_what_its_words_say_together(header: str, role: Role) -> None:
    assert meaning_of(header).role is role


def test_billing_and_shipping_names_are_different_people() -> None:
    assert meaning_of("First Name (Billing)").whose == "billing"
    assert meaning_of("First Name (Shipping)").whose == "shipping"
    assert meaning_of("Child's Name").whose == "child"


def test_totals_are_known_in_every_language_that_has_a_line() -> None:
    assert {"total", "summe", "totale", "итого", "合計", "grandtotal"} <= total_words()


def test_a_guest_called_guest_is_no_header() -> None:
    done = imported("list.csv", csv_of([["Anna Berg"], ["Ben Cole"], ["Guest"], ["Cara Diaz"]]))

    assert [name for _, name in done.people] == ["Anna Berg", "Ben Cole", "Guest", "Cara Diaz"]
