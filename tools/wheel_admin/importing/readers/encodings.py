"""The encoding of a text file that does not say which it has.

Invariant: a reading is believed only if every word with letters beyond ASCII could be a word of one language, and no
other reading could. Where two could, nobody guesses: the file is refused with what each would say.

UTF-8 and UTF-16 prove themselves. For the rest, charset-normalizer sorts out what the bytes cannot be, and alphabets
decide: `Dvo\u00f8\u00e1k` is in no language, `Dvo\u0159\u00e1k` is in Czech.
"""

import functools
import itertools
import re
import unicodedata

import msgspec

from kiosk.core.errors import InputError
from wheel_admin.importing.columns.header_words import meaning_of
from wheel_admin.importing.tables import shown

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_ALPHABETS = {
    "de": "äöüß", "fr": "àâæçéèêëîïôœùûüÿ", "es": "áéíñóúü", "pt": "àáâãçéêíóôõúü", "it": "àèéìíîòóùú",
    "nl": "áéèëíïóöúü", "sv": "àåäéö", "da": "åæéø", "is": "áæðéíóöúýþ", "ca": "àçèéíïòóúü", "ga": "áéíóú",
    "pl": "ąćęłńóśźż", "cs": "áčďéěíňóřšťúůýž", "sk": "áäčďéíĺľňóôŕšťúýž", "hu": "áéíóöőúüű", "ro": "ăâîşţșț",
    "hr": "ćčđšž", "tr": "âçğıîöşüû", "et": "äõöüšž", "lv": "āčēģīķļņšūž", "lt": "ąčęėįšųūž", "sq": "çë",
}  # fmt: skip
"""Letters beyond a to z that names are written with, by language."""
_LATIN = {language: frozenset(letters + letters.upper() + "İ") for language, letters in _ALPHABETS.items()}
_WESTERN = frozenset({"de", "fr", "es", "pt", "it", "nl", "sv", "da", "is", "ca", "ga", "sq"})
_CENTRAL = frozenset({"pl", "cs", "sk", "hu", "ro", "hr", "de", "sq"})
_LANGUAGES = {
    "cp1252": _WESTERN, "mac_roman": _WESTERN, "cp850": _WESTERN, "cp1250": _CENTRAL, "cp852": _CENTRAL,
    "cp1254": frozenset({"tr", "de"}), "cp1257": frozenset({"et", "lv", "lt"}),
}  # fmt: skip
_SCRIPTS = {
    "cp1251": "CYRILLIC", "koi8_r": "CYRILLIC", "cp866": "CYRILLIC", "mac_cyrillic": "CYRILLIC", "cp1253": "GREEK",
    "cp1255": "HEBREW", "cp1256": "ARABIC", "cp874": "THAI",
}  # fmt: skip
_COMMON_BYTES = {
    "cp932": (0x88, 0x97),
    "gb18030": (0xB0, 0xD7),
    "big5": (0xA4, 0xC6),
    "cp949": (0xB0, 0xC8),
    "euc_jp": (0xB0, 0xCF),
}
"""First bytes of the characters that a language uses most: JIS level 1, GB 2312 level 1, Big5 level 1, Hangul."""
_ASIAN_SCRIPTS = {
    "cp932": ("CJK UNIFIED", "HIRAGANA", "KATAKANA"), "euc_jp": ("CJK UNIFIED", "HIRAGANA", "KATAKANA"),
    "gb18030": ("CJK UNIFIED",), "big5": ("CJK UNIFIED",), "cp949": ("HANGUL",),
}  # fmt: skip
CANDIDATES = (*_LANGUAGES, *_SCRIPTS, *_COMMON_BYTES)
NAMES = {
    "cp1252": "Windows-1252", "cp1250": "Windows-1250", "cp1251": "Windows-1251", "cp1253": "Windows-1253",
    "cp1254": "Windows-1254", "cp1255": "Windows-1255", "cp1256": "Windows-1256", "cp1257": "Windows-1257",
    "mac_roman": "Mac Roman", "cp932": "Shift-JIS", "gb18030": "GBK", "big5": "Big5", "cp949": "Korean (cp949)",
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+(?:[^\x00-\x7f\s]*[^\W\d_]+)*|[^\x00-\x7f]+")
_QUIET = frozenset("’‘“”„«»–—…°№ºª·€£§¿¡´¨™©®\xa0、。・，：；（）「」　")
"""Signs that stand beside words in honest lists."""
_NEVER = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in ("[ìò](?=.)", "õ(?!e)", "ñ(?![aeiouáéíóú])", "ń(?=[aeiouyąęó])", "ă(?=[oe])", "[aeo]ű")
)
"""What no word has: Italian accents inside it, a Portuguese `õ` without `e`, a Spanish `ñ` before a consonant..."""
_RARE = frozenset({"cp1257", "mac_roman", "cp850", "cp852", "mac_cyrillic", "cp866", "koi8_r", "euc_jp"})
"""Encodings that lose to a usual one that fits as well."""
_SIGN_INSIDE = re.compile(r"[^\W\d_][^\w\s\x00-\x7f’·]+[^\W\d_]")
_VOWELS = frozenset("aeiouy")
_SAMPLE_WORDS = 400
_HEAD = 1000
"""Characters in which a header is looked for."""
_LETTERS_OF_A_SCRIPT = 4
"""Fewer letters of another script than these could be anything."""


class _Reading(msgspec.Struct, frozen=True):
    encoding: str
    text: str
    roughness: int


def encoding_of(name: str, data: bytes) -> tuple[str, str]:
    """Return the encoding of a text file, and a note if it had to be inferred.

    Raises:
        InputError: it is not text, or two encodings fit it equally well.
    """
    no_text = InputError(
        f"{name} is not a spreadsheet and not text.",
        remedy="Name an .xlsx or .csv file; if it is text, say how it is encoded: --encoding cp1252",
    )
    if data.startswith(_UTF16_MARKS):
        return _proven(data, "utf-16", no_text), ""
    for encoding in ("" if b"\x1b$" in data else "utf-8-sig", _utf16_without_mark(data)):
        if encoding and _decodes(data, encoding):
            return encoding, "" if encoding == "utf-8-sig" else f"has no mark; it was read as {encoding.upper()}."
    if b"\x1b$" in data and _decodes(data, "iso2022_jp"):
        return "iso2022_jp", "was read as ISO-2022-JP."
    if _CONTROL_BYTES.search(data):
        raise no_text
    readings = _plausible(data)
    if len(readings) == 1:
        encoding = readings[0].encoding
        return encoding, (
            f"is not UTF-8; it was read as {NAMES.get(encoding, encoding)}. Check names with accents, or save it as "
            "'CSV UTF-8'."
        )
    if not readings and not any(_decodes(data, encoding) for encoding in ("cp1252", *_COMMON_BYTES)):
        raise no_text
    raise _unclear(name, data, readings)


def named_encoding(name: str, data: bytes, encoding: str) -> str:
    """Return the encoding that was asked for, once the file is known to be readable with it.

    Raises:
        InputError: there is no such encoding, or the file is not in it.
    """
    try:
        data.decode(encoding)
    except LookupError as error:
        raise InputError(
            f"--encoding {encoding}: there is no such encoding.",
            remedy="Usual ones: utf-8, cp1252, cp1250, cp1251, cp932 (Shift-JIS), gbk, big5, mac_roman, utf-16.",
        ) from error
    except (UnicodeError, ValueError) as error:
        raise InputError(f"{name} is not text in {encoding}.", remedy="Name another --encoding, or none.") from error
    return encoding


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        return "\0" not in data.decode(encoding)
    except UnicodeDecodeError:
        return False


def _proven(data: bytes, encoding: str, no_text: InputError) -> str:
    if not _decodes(data, encoding):
        raise no_text
    return encoding


def _utf16_without_mark(data: bytes) -> str:
    """Return the UTF-16 that the zeros speak for: in a table, commas and line ends have one zero byte each."""
    if len(data) < 4 or len(data) % 2 or b"\0" not in data:
        return ""
    low, high = data[0::2].count(0), data[1::2].count(0)
    if high > 4 * low and high > len(data) // 16:
        return "utf-16-le"
    return "utf-16-be" if low > 4 * high and low > len(data) // 16 else ""


def _plausible(data: bytes) -> list[_Reading]:
    """Return the readings that could be right: one if it is clear, several with different texts if it is not."""
    found: dict[str, _Reading] = {}
    for encoding in _possible(data):
        text = data.decode(encoding)
        words = _words(text)
        if not words or not all(_believable(word, encoding) for word in words):
            continue
        if encoding not in _LANGUAGES and sum(map(len, words)) < _LETTERS_OF_A_SCRIPT:
            continue
        if encoding in _COMMON_BYTES and not _common(data, encoding):
            continue
        found.setdefault(text, _Reading(encoding, text, sum(map(_roughness, words))))
    readings = sorted(found.values(), key=lambda reading: reading.roughness)
    readings = [reading for reading in readings if _has_known_header(reading.text)] or readings
    usual = [reading for reading in readings if reading.encoding not in _RARE]
    if usual and usual[0].roughness == readings[0].roughness:
        readings = usual
    return [reading for reading in readings if reading.roughness == readings[0].roughness]


def _has_known_header(text: str) -> bool:
    """Tell whether a cell of the first lines is a known header with letters beyond ASCII: no wrong reading has one."""
    cells = re.split(r"[,;\t|\r\n]", text[:_HEAD])
    return any(not cell.isascii() and meaning_of(cell.strip().strip('"')).exact for cell in cells)


def _possible(data: bytes) -> list[str]:
    """Return the candidates that charset-normalizer does not find chaotic, in our order."""
    from charset_normalizer import from_bytes  # noqa: PLC0415 - few files need it

    matches = from_bytes(data[: 1 << 16], cp_isolation=list(CANDIDATES), threshold=0.6, preemptive_behaviour=False)
    calm = {alias for match in matches for alias in (match.encoding, *match.could_be_from_charset)}
    decodable = [encoding for encoding in CANDIDATES if _decodes(data, encoding)]
    return [encoding for encoding in decodable if encoding in calm] or decodable


def _words(text: str) -> list[str]:
    """Return the different words with letters beyond ASCII."""
    words = {word for word in _WORD.findall(text) if not word.isascii()}
    return sorted(words)[:_SAMPLE_WORDS]


@functools.lru_cache(maxsize=8192)
def _believable(word: str, encoding: str) -> bool:
    if unicodedata.category(word[0]).startswith("M") or _SIGN_INSIDE.search(word):
        return False
    letters = [character for character in word if ord(character) > 0x7F and character not in _QUIET]
    if any(not character.isalpha() and not unicodedata.category(character).startswith("M") for character in letters):
        return False
    if encoding in _LANGUAGES:
        if any(low.islower() and high.isupper() and not high.isascii() for low, high in itertools.pairwise(word)):
            return False
        if any(pattern.search(word) for pattern in _NEVER):
            return False
        return any(_LATIN[language].issuperset(letters) for language in _LANGUAGES[encoding])
    scripts = (_SCRIPTS[encoding],) if encoding in _SCRIPTS else _ASIAN_SCRIPTS[encoding]
    if not all(unicodedata.name(character, "").startswith(scripts) for character in letters):
        return False
    if encoding in _SCRIPTS:  # no word mixes two alphabets, nor capitals into its middle
        whole = all(ord(character) > 0x7F for character in word if character.isalpha())
        return whole and (word.isupper() or word[1:].islower() or word.lower() == word.upper())
    return True


def _common(data: bytes, encoding: str) -> bool:
    """Tell whether nearly all double bytes are of the most common characters."""
    low, high = _COMMON_BYTES[encoding]
    text = data.decode(encoding)
    firsts = [character.encode(encoding)[0] for character in text if ord(character) > 0x2FFF]
    kana = sum(0x3040 <= ord(character) <= 0x30FF for character in text)
    return bool(firsts) and sum(low <= first <= high for first in firsts) + kana >= 0.9 * len(firsts)


@functools.lru_cache(maxsize=8192)
def _roughness(word: str) -> int:
    """Return by how much a word's runs of vowels and of consonants are longer than two letters."""
    bare = [unicodedata.normalize("NFD", character)[0].casefold() for character in word if character.isalpha()]
    if not bare or any(not ("a" <= letter <= "z") for letter in bare):
        return 0
    rough, run = 0, 1
    for before, now in itertools.pairwise(bare):
        run = run + 1 if (before in _VOWELS) == (now in _VOWELS) else 1
        rough += run > 2
    return rough


def _unclear(name: str, data: bytes, readings: list[_Reading]) -> InputError:
    offered = readings or [
        _Reading(encoding, data.decode(encoding), 0)
        for encoding in ("cp1252", "cp1250", "cp1251", "cp932", "gb18030", "big5", "cp949")
        if _decodes(data, encoding)
    ]
    samples = "; ".join(
        f"--encoding {reading.encoding} gives {shown(' '.join(_words(reading.text)[:3]))!r}" for reading in offered[:6]
    )
    return InputError(
        f"{name} is not UTF-8, and how it is encoded is not clear: {samples}.",
        remedy=f"Choose the one that reads right, for example: wheel-admin import {name} --encoding "
        f"{offered[0].encoding if offered else 'cp1252'}. Or save it as 'CSV UTF-8'.",
    )
