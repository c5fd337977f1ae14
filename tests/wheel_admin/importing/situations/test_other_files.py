"""Workbooks as other programs write them, and files that are something else."""

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from openpyxl import Workbook

from tests.wheel_admin.importing.conftest import Formatted, workbook
from tests.wheel_admin.importing.situations.old_workbooks import xls, xlsb
from tests.wheel_admin.importing.situations.situation import Situation, entries

LIST: list[Sequence[Any]] = [["Ticket", "Name"], [Formatted(7, "0000"), "Nora Vance"], ["A2", "Omar Reid"]]
PEOPLE = entries(("0007", "Nora Vance"), ("A2", "Omar Reid"))
TRANSITIONAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def changed(*changes: tuple[str, str, str], rename: str = "/") -> bytes:
    """Return the list as a workbook in whose parts texts are replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(LIST))) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            content = old.read(info).decode()
            for part, before, after in changes:
                content = content.replace(before, after) if part in info.filename else content
            entry = zipfile.ZipInfo("x")
            entry.filename = info.filename.replace("/", rename)
            new.writestr(entry, content)
    return out.getvalue()


WORKBOOKS = {
    "strict": changed(("xl/", TRANSITIONAL, "http://purl.oclc.org/ooxml/spreadsheetml/main")),
    "backslashes in the archive": changed(rename="\\"),
    "an empty fill": changed(("styles", '<patternFill patternType="none"/>', "")),
    "absolute targets": changed(("workbook.xml.rels", 'Target="', 'Target="/xl/')),
    "a style out of range": changed(("sheet1", 'r="A3"', 'r="A3" s="99"')),
    "an escaped letter": changed(("sharedStrings", "Nora Vance", "Nor_x0061_ Vance_x000D_")),
    "rich text": changed(
        ("sharedStrings", "<t>Nora Vance</t>", '<r><t xml:space="preserve">Nora </t></r><r><t>Vance</t></r>')
    ),
    "a reading beside the name": changed(
        ("sharedStrings", "<t>Nora Vance</t>", '<t>Nora Vance</t><rPh sb="0" eb="1"><t>ノラ</t></rPh>')
    ),
    "a thousand styles": changed(("styles", "<cellXfs", f"<!--{'x' * 9000}--><cellXfs")),
    "a macro workbook": changed(("Content_Types", "sheet.main", "sheet.macroEnabled.main")),
}


@pytest.mark.parametrize("kind", WORKBOOKS)
def test_a_workbook_that_another_program_wrote_is_read(kind: str) -> None:
    Situation("", "l.xlsm" if "macro" in kind else "l.xlsx", WORKBOOKS[kind], PEOPLE).check()


def test_cells_without_a_value_and_without_shared_strings_are_no_obstacle() -> None:
    book = Workbook()
    for row in (("Ticket", "Name", "Note"), ("A1", "Nora Vance", ""), ("A2", "Omar Reid", None)):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)

    Situation("", "l.xlsx", out.getvalue(), entries(("A1", "Nora Vance"), ("A2", "Omar Reid"))).check()


def test_a_formula_without_a_stored_value_is_rejected_with_what_to_do() -> None:
    book = Workbook()
    for row in (("Ticket", "Name"), ("=1+100", "Nora Vance"), ("A2", "Omar Reid"), ("A3", "Pia Lund")):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)

    wanted = entries(("A2", "Omar Reid"), ("A3", "Pia Lund"))
    Situation("", "l.xlsx", out.getvalue(), wanted, rejected=[2], says=["open the file in Excel, save it"]).check()


_ODF = "urn:oasis:names:tc:opendocument:xmlns"
ODS = (
    f'<?xml version="1.0"?><office:document-content xmlns:office="{_ODF}:office:1.0" xmlns:table="{_ODF}:table:1.0"'
    f' xmlns:text="{_ODF}:text:1.0"><office:body><office:spreadsheet><table:table table:name="L">{{}}</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)


def test_an_open_document_is_read_as_it_shows_its_cells() -> None:
    def cell(value: str) -> str:
        kind = f'float" office:value="{int(value)}' if value.isdecimal() else "string"
        return f'<table:table-cell office:value-type="{kind}"><text:p>{value}</text:p></table:table-cell>'

    rows = [("Ticket", "Name"), ("0007", "Nora Vance"), ("A2", "Omar Reid")]
    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS.format(body))

    Situation("", "l.ods", out.getvalue(), PEOPLE).check()


def zipped(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "Ticket,Name\n1,Nora Vance\n")
    return out.getvalue()


FOREIGN = {
    "l.pdf": (b"%PDF-1.7\n", "a PDF document"),
    "l.json": (b'[{"ticket": 1, "name": "Nora"}]', "a JSON file"),
    "l.gsheet": (b'{"url":"https://docs.google.com/open?id=x","doc_id":"x"}', "Download"),
    "l.csv.zip": (zipped("l.csv"), "zip"),
    "l.numbers": (zipped("Index/Document.iwa"), "Numbers"),
    "web.xls": (b"<html><body><table><tr><td>1</td></tr></table></body></html>", "a web page"),
    "l.slk": (b"ID;PWXL;N;E\r\n", "SYLK"),
    "l.rtf": (b"{\\rtf1 Nora}", "an RTF document"),
    "l.xml": (b'<?xml version="1.0"?><people><p/></people>', "an XML file"),
    "l.vcf": (b"BEGIN:VCARD\nFN:Nora Vance\nEND:VCARD\n", "vCard"),
    "l.ics": (b"BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n", "a calendar file"),
    "l.yml": (b"- name: Nora Vance\n  ticket: 1\n- name: Omar Reid\n  ticket: 2\n", "a YAML file"),
    "l.eml": (b"From: nora@x.test\nTo: omar@x.test\nSubject: list\n\nNora Vance\n", "an e-mail"),
    "locked.xlsx": (bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le") * 40, "password"),
    "l.dat": (bytes(range(256)) * 8, "not"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_that_is_no_list_is_called_by_its_name(name: str) -> None:
    data, what = FOREIGN[name]

    Situation("", name, data, None, says=[what]).check()


@pytest.mark.parametrize("write", [xls, xlsb])
def test_a_binary_workbook_is_read_as_excel_shows_it(write: Callable[..., bytes]) -> None:
    rows = [["Ticket", "Name"], [Formatted(7, '"T-"0000'), "Łukasz Żak"], [8.0, "Zoë 🎉"],
            [Formatted(46000, "d-mmm"), "Pia"],
            ["A2", "Omar Reid"]]  # fmt: skip
    wanted = entries(("T-0007", "Łukasz Żak"), ("8", "Zoë 🎉"), ("A2", "Omar Reid"))

    Situation("", f"l.{write.__name__}", write(rows), wanted, rejected=[4], says=["a date"]).check()


@pytest.mark.parametrize("write", [xls, xlsb])
def test_hidden_rows_of_a_binary_workbook_are_asked_about(write: Callable[..., bytes]) -> None:
    data = write([["Ticket", "Name"], ["A1", "Nora Vance"], ["A2", "Omar Reid"]], hidden=[3])

    Situation("", f"l.{write.__name__}", data, None, says=["1 row is hidden", "--hidden-rows"]).check()
