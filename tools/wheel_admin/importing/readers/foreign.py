"""Files that are no spreadsheets, called by their name with the next click."""

import json
import re

from kiosk.core.errors import InputError

_EXPORT = "Open it in the program that made it, export or save the list as .xlsx or .csv, and import that file."
_COPY = "Copy the table in it, paste it into a new Excel workbook, save that as .xlsx and import it."
_SAVE_IN_EXCEL = "Open it in Excel, save it as .xlsx (File, Save As), and import that file."
_MAGICS = (
    (b"%PDF", "a PDF document", "Ask for the list as an Excel file, or export it as .xlsx or .csv where it was made."),
    (b"\x89PNG", "a picture", _EXPORT),
    (b"\xff\xd8\xff", "a picture", _EXPORT),
    (b"GIF8", "a picture", _EXPORT),
    (b"{\\rtf", "an RTF document", _COPY),
    (b"Rar!", "a RAR archive", "Unpack it, and import the .xlsx or .csv file in it."),
    (b"7z\xbc\xaf", "a 7z archive", "Unpack it, and import the .xlsx or .csv file in it."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it, and import the .xlsx or .csv file in it."),
    (b"SQLite format 3", "a database", _EXPORT),
    (b"bplist00", "a property list of Apple's", _EXPORT),
)
_SYLK = re.compile(rb"ID;P(WXL|[;\r\n])")
_MARKUP = re.compile(
    r"\s*(?:<!--.*?-->\s*)*<(!doctype|html|head|body|table|meta|style|div|\?xml)", re.IGNORECASE | re.DOTALL
)
_BEGINNINGS = (
    (re.compile("BEGIN:VCARD"), "an address card file (vCard)", _EXPORT),
    (re.compile("BEGIN:VCALENDAR"), "a calendar file, not a list", _EXPORT),
    (re.compile(r"(?:---\s*\n)?- \w+:\s"), "a YAML file, not a spreadsheet", _EXPORT),
    (
        re.compile(r"(?:(?:From|To|Subject|Date|Received|Return-Path|Message-ID|MIME-Version): .*\r?\n){2}"),
        "an e-mail, not a list",
        "Save the list that is attached to it or in it as a file of its own, and import that.",
    ),
)
_GOOGLE = re.compile(r"docs\.google\.com|drive\.google\.com|\"doc_id\"")
_DOWNLOAD = "Open it in the browser: File, Download, Microsoft Excel (.xlsx). Import the file that it makes."
_OLE_PASSWORD = "EncryptedPackage".encode("utf-16-le")
_OLE_WORKBOOKS = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
LOCK_FILE_PREFIX = "~$"


def refuse_foreign(name: str, data: bytes) -> None:
    """Refuse bytes that are known to be something else.

    Raises:
        InputError: what it is, and what to do.
    """
    for magic, what, remedy in _MAGICS:
        if data.startswith(magic):
            raise InputError(f"{name} is {what}, not a spreadsheet.", remedy=remedy)
    if _SYLK.match(data):
        raise InputError(f"{name} is a SYLK file, an old exchange format.", remedy=_SAVE_IN_EXCEL)


def refuse_foreign_text(name: str, head: str, data: bytes) -> None:
    """Refuse text that is not a table.

    Raises:
        InputError: what it is, and what to do.
    """
    start = head.lstrip("\ufeff \r\n\t")
    markup = _MARKUP.match(start)
    if markup and markup.group(1) == "?xml" and "urn:schemas-microsoft-com:office:spreadsheet" in start:
        raise InputError(f"{name} is an XML spreadsheet of Excel 2003.", remedy=_SAVE_IN_EXCEL)
    if markup and markup.group(1) == "?xml" and "<html" not in start.casefold():
        raise InputError(f"{name} is an XML file, not a spreadsheet.", remedy=_EXPORT)
    if markup:
        raise InputError(
            f"{name} is a web page, not a spreadsheet (some programs save one under the name .xls).",
            remedy=_SAVE_IN_EXCEL,
        )
    short = len(data) < 4096
    if short and _GOOGLE.search(start) and (start[:1] in "{[" or "URL" in start or "://" in start.split("\n")[0]):
        raise InputError(f"{name} is a link to a Google spreadsheet, not the spreadsheet.", remedy=_DOWNLOAD)
    if short and start.startswith(("[InternetShortcut]", "[Desktop Entry]")):
        raise InputError(f"{name} is a link, not a spreadsheet.", remedy="Open it, download the list, and import that.")
    for pattern, what, remedy in _BEGINNINGS:
        if pattern.match(start):
            raise InputError(f"{name} is {what}.", remedy=remedy)
    if start[:1] in {"{", "["} and _is_json(data):
        raise InputError(f"{name} is a JSON file, not a spreadsheet.", remedy=_EXPORT)


def ole_error(name: str, data: bytes) -> InputError | None:
    """Return the error for an old Office file that cannot be read; None for an Excel workbook without password."""
    if _OLE_PASSWORD in data:
        return InputError(
            f"{name} is protected with a password.",
            remedy="In Excel, remove it (File, Info, Protect Workbook, Encrypt), save, and import again.",
        )
    if any(part in data for part in _OLE_WORKBOOKS):
        return None
    return InputError(f"{name} is an old Office document, not a spreadsheet.", remedy=_COPY)


def lock_file_error(name: str) -> InputError:
    """Return the error for the small file that Excel keeps beside an open workbook."""
    return InputError(
        f"{name} is a lock file of Excel's, not a list: {name.removeprefix(LOCK_FILE_PREFIX)} is open there.",
        remedy=f"Close it in Excel, and import {name.removeprefix(LOCK_FILE_PREFIX)}.",
    )


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True
