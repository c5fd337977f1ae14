"""Headers and parts of names in many languages, as whole lists."""

import pytest

from tests.wheel_admin.importing.conftest import csv_of, workbook
from tests.wheel_admin.importing.situations.situation import Situation, entries, numbered

PAIRS = [
    "Losnummer|Name", "Los-Nr.|Teilnehmer/in", "Nr.|Mitglied", "Startnummer|Vor- und Nachname", "Numéro|Nom et prénom",
    "Billet n°|Participant", "Número|Nombre y apellido", "Folio|Nombre", "Boleto|Nombre completo", "Nº|Nome completo",
    "Número da sorte|Nome", "N. biglietto|Nominativo", "Biglietto n.|Cognome e nome", "Nummer|Naam deelnemer",
    "Lp.|Imię i nazwisko", "Bilet|Uczestnik", "№|Ф.И.О.", "Билет|ФИО", "Номер квитка|ПІБ", "序号|姓名", "員工編號|姓名",
    "受付番号|名前", "チケット番号|氏名", "整理券番号|お名前", "응모번호|이름", "추첨번호|성명", "رقم|الاسم",
    "تذكرة|اسم المشارك",
    "מספר כרטיס|שם מלא", "شماره بلیط|نام و نام خانوادگی", "Bilet No|Ad Soyad", "Lottnummer|Namn", "Lodnummer|Navn",
    "Loddnummer|Navn", "Arvan numero|Nimi", "Číslo|Jméno a příjmení", "Číslo lístka|Meno", "Номер|Име", "Sorszám|Név",
    "Αριθμός λαχνού|Ονοματεπώνυμο", "เลขที่|ชื่อ-นามสกุล", "क्रमांक|नाम", "Số vé|Họ và tên", "Nomor|Nama Lengkap",
    "Nr. crt.|Nume și prenume", "Redni broj|Ime i prezime", "Ticket #|Name", "Ticket No(s)|Purchaser", "Raffle #|Buyer",
    "S.No|Name", "Sr. No.|Candidate Name", "Serial Number|Student Name", "Reg No|Contestant", "Staff ID|Staff Name",
    "Registration Number|Name", "Confirmation Number|Registrant Name", "Response ID|Your name", "Bib|Athlete",
    "Emp No|Employee Name", "Ticket numbers|Guest",
]  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS)
def test_a_list_with_headers_in_its_language_is_read(pair: str) -> None:
    ticket, name = pair.split("|")
    data = csv_of([[ticket, name], [101, "Nora Vance"], [102, "Omar Reid"], [103, "Pia Lund"]])

    wanted = entries((101, "Nora Vance"), (102, "Omar Reid"), (103, "Pia Lund"))
    Situation("", "l.csv", data, wanted, says=[f"ticket A '{ticket}'", f"name B '{name}'"]).check()


@pytest.mark.parametrize(
    ("header", "row", "name"),
    [
        ("Nom|Prénom", "Vance|Nora", "Nora Vance"),
        ("Vorname|Name", "Nora|Vance", "Nora Vance"),
        ("Nome|Cognome", "Nora|Vance", "Nora Vance"),
        ("Name|Surname", "Nora|Vance", "Nora Vance"),
        ("Nombre|Apellido Paterno|Apellido Materno", "Ana María|Ruiz|Peña", "Ana María Ruiz Peña"),
        ("Voornaam|Tussenvoegsel|Achternaam", "Nora|van der|Vance", "Nora van der Vance"),
        ("First name|Middle name|Last name", "Nora|J.|Vance", "Nora J. Vance"),
        ("First name|Last name|Suffix", "Omar|Reid|Jr.", "Omar Reid Jr."),
        ("Titel|Vorname|Nachname", "Dr.|Nora|Vance", "Dr. Nora Vance"),
        ("Name (First)|Name (Last)", "Nora|Vance", "Nora Vance"),
        ("Name - First|Name - Last", "Nora|Vance", "Nora Vance"),
        ("Legal Name - First Name|Legal Name - Last Name", "Nora|Vance", "Nora Vance"),
        ("FName|LName", "Nora|Vance", "Nora Vance"),
        ("Nazwisko|Imię", "Żak|Łucja", "Łucja Żak"),
        ("Vezetéknév|Keresztnév", "Kovács|Anna", "Kovács Anna"),
        ("姓|名|セイ|メイ", "山田|太郎|ヤマダ|タロウ", "山田 太郎"),
        ("氏名|フリガナ", "山田 太郎|ヤマダ タロウ", "山田 太郎"),
        ("성|이름", "김|민수", "김민수"),
        ("Họ|Tên đệm|Tên", "Nguyễn|Văn|An", "Nguyễn Văn An"),
        ("Name|Display name", "Nora Vance|nono", "Nora Vance"),
        ("Adı|Soyadı", "Ayşe|Ak", "Ayşe Ak"),
        ("Étudiant : prénom|Étudiant : nom", "Zoé|Blanc", "Zoé Blanc"),
        ("Nom du participant|Prénom du participant", "Blanc|Zoé", "Zoé Blanc"),
        ("Teilnehmer Vorname|Teilnehmer Name", "Nora|Vance", "Nora Vance"),
        ("Nombre asistente|Apellidos asistente", "Ana|Ruiz", "Ana Ruiz"),
        ("Nome partecipante|Cognome partecipante", "Anna|Neri", "Anna Neri"),
        ("Child First Name|Child Name", "Nora|Vance", "Nora Vance"),
        ("Име|Презиме", "Ана|Јовић", "Ана Јовић"),
        ("Họ và tên đệm|Tên", "Nguyễn Văn|An", "Nguyễn Văn An"),
    ],
)
def test_the_parts_of_a_name_stand_in_their_natural_order(header: str, row: str, name: str) -> None:
    data = workbook([["No.", *header.split("|")], ["A1", *row.split("|")]])

    Situation("", "l.xlsx", data, entries(("A1", name))).check()


@pytest.mark.parametrize(
    "name",
    ["Łukasz Żółć", "Đỗ Thị Ánh", "Ὀδυσσεύς", "Иван Ёжиков", "山田 太郎", "김민수", "علي حسن", "דנה כהן", "नेहा शर्मा",
     "สมชาย ใจดี",
     "ნინო", "Ａｋｉ", "👨‍👩‍👧 Familie", "O’Brien-Ní Dhomhnaill", "X Æ A-12"],
)  # fmt: skip
def test_names_of_every_script_arrive_as_they_are(name: str) -> None:
    data = csv_of([["Ticket", "Name"], [1, name], [2, "Nora Vance"]])

    Situation("", "l.csv", data, entries((1, name), (2, "Nora Vance"))).check()


def test_a_language_that_nobody_knows_is_asked_about_with_commands_that_work() -> None:
    data = csv_of([["Izen-abizenak"], ["Ane Goñi"], ["Jon Arrieta"], ["Miren Ur"]])

    Situation("", "l.csv", data, None, says=["--header-row 1", "--header-row 0"]).check()
    known = numbered("Ane Goñi", "Jon Arrieta", "Miren Ur")
    Situation("", "l.csv", data, known, typed="--header-row 1 --name-column A").check()
