"""Canonical bytes: a text is taken in its one form or not at all, over conformance cases of our own making."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.canonical import NotCanonical, decode, encode, from_base64, to_base64


class Thing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    number: int
    flag: bool
    many: tuple[str, ...]


THING = Thing("a", 1, flag=True, many=("b",))
GOOD = b'{"text":"a","number":1,"flag":true,"many":["b"]}'

GOOD_TEXTS = {
    "a quote": (b'"\\""', '"'),
    "a backslash": (b'"\\\\"', "\\"),
    "a backslash before n": (b'"\\\\n"', "\\n"),
    "a backslash before u": (b'"\\\\u0000"', "\\u0000"),
    "a slash": (b'"/"', "/"),
    "two bytes": ('"é"'.encode(), "é"),
    "three bytes": ('"漢"'.encode(), "漢"),
    "four bytes": ('"😀"'.encode(), "😀"),
    "a line separator": ('"\u2028"'.encode(), "\u2028"),
    "a no-break space": ('"\u00a0"'.encode(), "\u00a0"),
    "nothing": (b'""', ""),
}
BAD_TEXTS = {
    "an escaped slash": b'"\\/"',
    "an escaped letter": b'"\\u0061"',
    "an escaped quote by number": b'"\\u0022"',
    "upper case escape": b'"\\u00E9"',
    "a pair of surrogates": b'"\\ud83d\\ude00"',
    "a lone high surrogate": b'"\\ud800"',
    "a lone low surrogate": b'"\\udc00"',
    "a surrogate in UTF-8": b'"\xed\xa0\x80"',
    "an overlong slash": b'"\xc0\xaf"',
    "an overlong null": b'"\xc0\x80"',
    "above U+10FFFF": b'"\xf4\x90\x80\x80"',
    "half a character": b'"\xc3"',
    "a byte that never occurs": b'"\xff"',
    "a raw line feed": b'"\n"',
    "a raw tab": b'"\t"',
    "a raw null": b'"\0"',
    "an escaped line feed": b'"\\n"',
    "an escaped tab": b'"\\t"',
    "an escaped backspace": b'"\\b"',
    "an escaped null": b'"\\u0000"',
    "an escaped U+001F": b'"\\u001f"',
    "a raw U+007F": b'"\x7f"',
    "an escaped U+007F": b'"\\u007f"',
    "a raw U+0080": b'"\xc2\x80"',
    "a raw U+009F": b'"\xc2\x9f"',
    "an escape that there is not": b'"\\x"',
    "an apostrophe": b"'a'",
    "not closed": b'"a',
    "a number": b"1",
    "null": b"null",
}
GOOD_NUMBERS = {b"0": 0, b"1": 1, b"10": 10, b"9007199254740991": (1 << 53) - 1, b"-1": -1}
BAD_NUMBERS = [
    *(b"01", b"+1", b"-0", b"1.0", b"1e0", b"1E0", b"1.", b".1", b"1e2", b"0x1", b"1_0", b"NaN", b"Infinity", b"00"),
    *(b"-", b"true", b'"1"', b"null", b"1 ", b" 1", b"9" * 5000, b"1e400", b"1.0000000000000000001", "１".encode()),
]
BAD_WHOLES = {
    "empty": b"",
    "only a space": b" ",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"a"',
    "a space first": b" " + GOOD,
    "a space last": GOOD + b" ",
    "a line feed last": GOOD + b"\n",
    "a null last": GOOD + b"\0",
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "UTF-16": GOOD.decode().encode("utf-16"),
    "twice": GOOD + GOOD,
    "not closed": GOOD[:-1],
    "closed twice": GOOD + b"}",
    "a space after a colon": GOOD.replace(b":", b": ", 1),
    "a space after a comma": GOOD.replace(b",", b", ", 1),
    "a comma last": GOOD[:-1] + b",}",
    "a comma last in the list": GOOD.replace(b'["b"]', b'["b",]'),
    "a comma first": GOOD.replace(b"{", b"{,", 1),
    "no colon": GOOD.replace(b":", b"", 1),
    "a comment": GOOD + b"//",
    "a comment inside": GOOD.replace(b"{", b"{/**/", 1),
    "another order": b'{"number":1,"text":"a","flag":true,"many":["b"]}',
    "a field twice": GOOD.replace(b"{", b'{"text":"a",', 1),
    "a field twice, the other first": GOOD.replace(b"{", b'{"text":"b",', 1),
    "a field too many": GOOD[:-1] + b',"more":0}',
    "a field too many, first": GOOD.replace(b"{", b'{"more":0,', 1),
    "a field with bytes that are no text": GOOD.replace(b"{", b'{"x":"\xff",', 1),
    "a field with 5000 nines": GOOD.replace(b"{", b'{"x":' + b"9" * 5000 + b",", 1),
    "a field without a name": GOOD.replace(b"{", b'{"":0,', 1),
    "an escaped field name": GOOD.replace(b'"text"', b'"\\u0074ext"'),
    "a field missing": b'{"text":"a","number":1,"flag":true}',
    "null for a list": GOOD.replace(b'["b"]', b"null"),
    "an object for a list": GOOD.replace(b'["b"]', b"{}"),
    "a text for a truth": GOOD.replace(b"true", b'"true"'),
    "a number for a truth": GOOD.replace(b"true", b"1"),
    "a truth in capitals": GOOD.replace(b"true", b"True"),
    "a field name without quotes": GOOD.replace(b'"text"', b"text"),
    "very deep": b"[" * 100_000,
    "very deep in a field": GOOD.replace(b'["b"]', b"[" * 100_000),
}


def test_a_text_in_its_one_form_is_read_and_written_the_same() -> None:
    assert decode(GOOD, kind=Thing) == THING
    assert encode(THING) == GOOD


@pytest.mark.parametrize("name", GOOD_TEXTS)
def test_a_string_has_one_form(name: str) -> None:
    data, text = GOOD_TEXTS[name]

    assert decode(data, kind=str) == text
    assert encode(text) == data


@pytest.mark.slow
@pytest.mark.parametrize("name", BAD_TEXTS)
def test_a_string_in_another_form_is_refused(name: str) -> None:
    with pytest.raises(NotCanonical):
        decode(BAD_TEXTS[name], kind=str)
    with pytest.raises(NotCanonical):
        decode(GOOD.replace(b'"a"', BAD_TEXTS[name]), kind=Thing)


@pytest.mark.parametrize("data", GOOD_NUMBERS)
def test_a_number_has_one_form(data: bytes) -> None:
    assert decode(data, kind=int) == GOOD_NUMBERS[data]


@pytest.mark.parametrize("data", BAD_NUMBERS, ids=lambda data: data[:20])
def test_a_number_in_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        decode(data, kind=int)
    with pytest.raises(NotCanonical):
        decode(GOOD.replace(b":1,", b":" + data + b","), kind=Thing)


@pytest.mark.parametrize("name", BAD_WHOLES)
def test_anything_else_is_refused(name: str) -> None:
    with pytest.raises(NotCanonical) as caught:
        decode(BAD_WHOLES[name], kind=Thing)
    assert len(str(caught.value)) <= 200
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("text", ["\0", "\x1f", "\x7f", "\x80", "\x9f", "\n", "a\tb", "\ud800", "\\\x01"])
def test_what_has_no_form_cannot_be_written(text: str) -> None:
    with pytest.raises(NotCanonical):
        encode(Thing(text, 0, flag=False, many=()))
    with pytest.raises(NotCanonical):
        encode({"text": text})


def test_the_keys_of_a_mapping_are_sorted() -> None:
    assert encode({"b": 1, "a": ["x"], "C": "y"}) == b'{"C":"y","a":["x"],"b":1}'


values = st.builds(
    Thing,
    st.text(st.characters(exclude_categories=("Cc", "Cs"))),
    st.integers(-(1 << 53), 1 << 53),
    flag=st.booleans(),
    many=st.lists(st.text(st.characters(exclude_categories=("Cc", "Cs")))).map(tuple),
)


@given(values)
def test_what_is_written_is_read_back_and_is_json(value: Thing) -> None:
    data = encode(value)

    assert decode(data, kind=Thing) == value
    plain: dict[str, Any] = json.loads(data)
    assert data == json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()


@given(values, st.data())
def test_a_change_is_refused_or_is_another_value(value: Thing, data: st.DataObject) -> None:
    whole = encode(value)
    place = data.draw(st.integers(0, len(whole)))
    cut = data.draw(st.integers(0, 3))
    changed = whole[:place] + data.draw(st.binary(max_size=3)) + whole[place + cut :]
    try:
        other = decode(changed, kind=Thing)
    except NotCanonical:
        return
    assert (other == value) == (changed == whole)


@pytest.mark.parametrize(
    "text", ["bGlzdAo", "bGlzdAo=\n", "bGlz dAo=", "bGlzdAp=", "=", "bGl*", "-_==", "bGlzdAo==", "é"]
)
def test_base64_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(NotCanonical):
        from_base64(text)


@given(st.binary(max_size=50))
def test_base64_is_read_back(data: bytes) -> None:
    assert from_base64(to_base64(data)) == data
