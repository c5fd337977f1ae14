"""docs/protocol.md says what the verifiers do: its vectors, its tables, and every sentence that they quote."""

import io
import re
import tokenize
from pathlib import Path

import pytest

from tests.verify import test_vectors
from verify import verify_draw, verify_receipt

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "protocol.md").read_text("utf-8")


def plain(text: str) -> str:
    return " ".join(text.replace("`", "").split()).lower()


def quotes(path: Path) -> list[str]:
    """What stands in double quotes in the comments and docstrings, three words and more."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline)
    prose = [
        one.string.removeprefix('"""').removesuffix('"""')
        for one in tokens
        if one.type == tokenize.COMMENT or (one.type == tokenize.STRING and one.string.startswith('"""'))
    ]
    found = [quote for text in prose for quote in re.findall(r'"([^"]+)"', text)]
    return [quote for quote in found if len(quote.split()) > 2]


@pytest.mark.parametrize("module", [verify_draw, verify_receipt])
def test_every_sentence_that_a_verifier_quotes_is_on_the_page(module: object) -> None:
    found = quotes(Path(str(module.__file__)))  # type: ignore[attr-defined]
    assert len(found) >= 1
    assert [quote for quote in found if plain(quote) not in plain(PAGE)] == []


def test_the_verifier_of_draws_quotes_the_page_often() -> None:
    assert len(quotes(Path(str(verify_draw.__file__)))) > 30


def table(pattern: str) -> dict[str, list[str]]:
    rows = re.findall(pattern, PAGE, re.MULTILINE)
    return {name: names.split(", ") for name, names in rows}


def test_the_records_on_the_page_are_those_of_the_verifier() -> None:
    rows = table(r"^    ([a-z]+) +((?:[a-z_]+, )*[a-z_]+)$")
    assert {name: rows.get(name) for name in verify_draw.RECORDS} == {
        name: list(kinds) for name, kinds in verify_draw.RECORDS.items()
    }


def test_the_messages_on_the_page_are_those_of_the_verifier() -> None:
    rows = table(r"(wheel-[a-z]+/2) +format, ((?:[a-z]+, )*[a-z]+)")
    assert {name: rows[name] for name in verify_draw.MESSAGES} == {
        name: list(kinds) for name, kinds in verify_draw.MESSAGES.items()
    }
    assert ["format", *rows["wheel-public/2"]] == verify_receipt.MANIFEST
    assert ["format", *rows["wheel-receipt/2"]] == verify_receipt.RECEIPT


def test_the_fields_of_a_list_on_the_page_are_those_of_the_verifier() -> None:
    rows = re.findall(r"^    ([a-z_]+)  ", PAGE[PAGE.index("## 5.") : PAGE.index("## 6.")], re.MULTILINE)
    assert rows == ["format", *verify_draw.SNAPSHOT]
    for braces, kinds in ((r"prizes +\[\{(.*)\}\]", verify_draw.PRIZE), (r"rules +\{(.*)\}", verify_draw.RULES)):
        (names,) = re.findall(braces, PAGE)
        assert names.split(", ") == list(kinds)


def test_the_vectors_on_the_page_are_those_of_the_tests() -> None:
    part = PAGE[PAGE.index("## 14.") :]
    for value in (test_vectors.S, test_vectors.ANCHOR, test_vectors.SHORT, test_vectors.PUBLIC):
        assert value in part
    spins = re.findall(r"^    (\d)  (\w+)  places ([\d,]+)  weight (\d+).*\n       pool (\w+)\n", part, re.MULTILINE)
    assert spins == [
        (str(number), prize, places, str(weight), pool)
        for number, (prize, places, weight, pool, *_) in enumerate(test_vectors.SPINS, 1)
    ]
    rests = re.findall(r"rest (\d+)  turns (\d)", part)
    assert rests == [(str(rest), str(turns)) for *_, rest, turns, _ in test_vectors.SPINS]
    places = re.findall(r"^       (\d): (E\d+)  k 0  t (\d+) of (\d+)  x (\w+)$", part, re.MULTILINE)
    assert places == [tuple(map(str, place)) for *_, winners in test_vectors.SPINS for place in winners]
