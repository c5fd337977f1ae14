"""Text files: delimiters, quotation marks, line ends, and encodings that do not say which they are."""

import pytest

from tests.wheel_admin.importing.situations.situation import Situation, cases, entries, table

ROWS = ("Ticket|Name", "101|Nora Vance", "102|Omar Reid")
PEOPLE = entries((101, "Nora Vance"), (102, "Omar Reid"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~", "   ", "\t\t"])
def test_columns_are_told_apart_whatever_stands_between(delimiter: str) -> None:
    Situation("", "l.csv", table(*ROWS, delimiter=delimiter), PEOPLE).check()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff", "\ufeff\ufeff", "\ufeffsep=,\n"])
def test_line_ends_and_marks_at_the_beginning_do_not_matter(end: str, mark: str) -> None:
    Situation("", "l.csv", (mark + table(*ROWS)).replace("\n", end), PEOPLE).check()


@cases(
    Situation("an unclosed mark", "l.csv", 'Ticket,Name\n101,Nora Vance\n102,"Omar\n103,Pia Lund\n104,Quim Sol\n', None,
              says=["line 3"]),
    Situation("text behind a closing mark", "l.csv", 'Ticket,Name\n101,"Nora "Nono" Vance"\n102,Omar Reid\n', None,
              says=["line 2"]),
    Situation("marks inside a bare name", "l.csv", 'Ticket,Name\n101,Nora "Nono" Vance\n102,Omar Reid\n',
              entries((101, 'Nora "Nono" Vance'), (102, "Omar Reid"))),
    Situation("line breaks and commas between marks", "l.csv", 'Ticket,Name\n101,"Nora\nVance"\n102,"Reid, Omar"\n',
              entries((101, "Nora Vance"), (102, "Reid, Omar"))),
    Situation("single marks around all cells", "l.csv",
              "'Ticket','Name'\n'101','Nora Vance'\n'102','Omar Reid'\n", PEOPLE),
    Situation("printers' marks around all cells", "l.csv",
              "Ticket,Name\n“101”,“Nora Vance”\n“102”,“Omar Reid”\n", PEOPLE),
    Situation("marks around whole lines", "l.csv", '"Ticket,Name"\n"101,Nora Vance"\n"102,Omar Reid"\n', PEOPLE,
              says=["each line in quotation marks"]),
)  # fmt: skip
def test_quotation_marks_are_held_to_the_rule(situation: Situation) -> None:
    situation.check()


@cases(
    Situation("a bare comma in every name", "l.csv", "Ticket,Name\n01,Vance,Nora\n02,Reid,Omar\n", None,
              says=["--name-column", "01", "Vance"]),
    Situation("a bare comma in one name", "l.csv",
              "Ticket,Name\n101,Nora Vance\n103,Reid,Omar\n102,Omar Reid\n104,Pia Lund\n105,Quim Sol\n",
              [*PEOPLE, ("104", "Pia Lund", 1), ("105", "Quim Sol", 1)], rejected=[3], says=["more cells than"]),
    Situation("a comma in names between semicolons", "l.csv", "Nr;Name\n101;Vance, Nora\n102;Reid, Omar\n",
              entries((101, "Vance, Nora"), (102, "Reid, Omar"))),
    Situation("amounts with a decimal comma", "l.csv",
              "Nr;Name;Betrag\n101;Nora Vance;5,00\n102;Omar Reid;7,50\n", PEOPLE),
    Situation("empty cells and rows behind the list", "l.csv",
              "Ticket,Name,,\n101,Nora Vance,,\n102,Omar Reid,,\n,,,\n",
              PEOPLE),
    Situation("a table drawn with bars", "l.txt",
              "| Ticket | Name |\n|---|---|\n| 101 | Nora Vance |\n| 102 | Omar Reid |\n",
              PEOPLE, rejected=[2]),
    Situation("columns in line with spaces", "l.txt", "Ticket  Name\n101     Nora Vance\n102     Omar Reid\n", PEOPLE),
    Situation("tickets and names with a colon between", "l.txt", "Ticket:Name\n101:Nora Vance\n102:Omar Reid\n", None,
              says=["begin with a number each"]),
    Situation("a header shorter than its rows", "l.csv", "Ticket,Name\nX,101,Nora Vance\nX,102,Omar Reid\n", None),
    Situation("invisible characters at the edges", "l.csv",
              "\u200bTicket,Name\u200b\n101,\u200bNora Vance\u200e\n102,Omar Reid\n",
              PEOPLE, says=["Invisible characters were taken off"]),
)  # fmt: skip
def test_commas_that_separate_are_told_from_those_that_do_not(situation: Situation) -> None:
    situation.check()


LANGUAGES = {
    "western": ("Losnummer|Name", ["Jürgen Müller", "José Núñez", "Zoë Größe"], "cp1252 latin1"),
    "polish": ("Nr losu|Imię i nazwisko", ["Łukasz Żółć", "Święta Gęś", "Zażółć Jaźń"], "cp1250 iso8859-2 cp852"),
    "russian": ("Билет|Имя", ["Пётр Ильин", "Юлия Щукина", "Жанна Эрн"], "cp1251 koi8-r cp866 mac_cyrillic"),
    "greek": ("Αριθμός|Ονοματεπώνυμο", ["Άννα Παπά", "Νίκος Ρήγας", "Ζωή Ωνάση"], "cp1253 iso8859-7"),
    "turkish": ("Bilet No|Ad Soyad", ["Şule Ğüven", "İnci Işık", "Çağla Öz"], "cp1254"),
    "hebrew": ("מספר|שם", ["דנה כהן", "יוסי לוי", "רות גל"], "cp1255"),
    "arabic": ("رقم التذكرة|الاسم", ["أحمد علي", "سارة حسن", "ليلى نور"], "cp1256"),
    "baltic": ("Nr.|Vardas", ["Rūta Šimkė", "Jonas Žąsis", "Ėla Čiurlytė"], "cp1257"),
    "japanese": ("番号|氏名", ["山田 太郎", "佐藤 花子", "渡辺 一郎"], "cp932 euc_jp iso2022_jp"),
    "chinese": ("编号|姓名", ["张伟", "王秀英", "李娜"], "gbk gb18030"),
    "taiwanese": ("編號|姓名", ["陳大文", "林小美", "王志明"], "big5"),
    "korean": ("번호|이름", ["김민수", "이영희", "박철수"], "cp949"),
    "thai": ("ลำดับ|ชื่อ-นามสกุล", ["สมชาย ใจดี", "มาลี สุขใจ", "นิด ดีงาม"], "cp874"),
}


@pytest.mark.parametrize(
    ("language", "encoding"), [(name, encoding) for name, one in LANGUAGES.items() for encoding in one[2].split()]
)
def test_names_in_an_old_encoding_are_read_right_or_asked_about(language: str, encoding: str) -> None:
    header, names, _ = LANGUAGES[language]
    data = table(header, *(f"{number}|{name}" for number, name in enumerate(names, 1))).encode(encoding)
    wanted = entries(*enumerate(names, 1))

    Situation("", "l.csv", data, wanted, typed=f"--encoding {encoding}").check()
    try:
        Situation("", "l.csv", data, None, says=["--encoding"]).check()
    except pytest.fail.Exception:  # it was not refused
        Situation("", "l.csv", data, wanted).check()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8", "utf-8-sig"])
def test_unicode_is_read_with_and_without_its_mark(encoding: str) -> None:
    data = table("Ticket|Name", "1|Łukasz Żak", "2|Nora Vance").encode(encoding)

    Situation("", "l.txt", data, entries((1, "Łukasz Żak"), (2, "Nora Vance"))).check()


def test_a_file_that_two_encodings_mix_in_is_refused() -> None:
    data = "Name\nJosé Núñez\nŁukasz Żak\n".encode() + "Zoë Müller\n".encode("cp1252")

    Situation("", "l.csv", data, None, says=["--encoding"]).check()
