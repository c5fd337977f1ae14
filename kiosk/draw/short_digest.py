"""The short form of a digest, for people who copy it by hand: 26 characters and a check character.

Invariant: pure; 130 bits, so that nobody can make two things with the same short form (docs/protocol.md, "By hand").
Shorter ones are refused.

The digest's first 130 bits are written 5 a character in Crockford's base32, and then the value of those 130 bits
modulo 37 as his check character. Reading takes both cases, O for 0, I and L for 1, and passes over hyphens and spaces.

Source: Douglas Crockford, Base 32 (https://www.crockford.com/base32.html).
"""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECKS = _ALPHABET + "*~$=U"
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
CHARACTERS = 26
_BITS = 5 * CHARACTERS
_DIGEST_BITS = 256


def short(digest: str) -> str:
    """Return the 27 characters for a SHA-256 in hex."""
    value = int(digest, 16) >> (_DIGEST_BITS - _BITS)
    characters = (_ALPHABET[value >> shift & 31] for shift in range(_BITS - 5, -1, -5))
    return "".join(characters) + _CHECKS[value % 37]


def grouped(digest: str) -> str:
    """Return the short form in groups of five with hyphens, which are easier to compare."""
    code = short(digest)
    return "-".join(code[at : at + 5] for at in range(0, len(code), 5))


def names(text: str, digest: str) -> bool:
    """Say whether `text`, as a person typed it, is the short form of `digest`.

    Raises:
        ValueError: it is not a short form, and why: its length, a character, or the check character.
    """
    return _read(text) == short(digest)


def _read(text: str) -> str:
    plain = text.upper().translate(_LOOK_ALIKES)
    if len(plain) != CHARACTERS + 1:
        raise ValueError(f"it has {len(plain)} characters, and such a code has {CHARACTERS + 1}")
    value = 0
    for character in plain[:CHARACTERS]:
        if character not in _ALPHABET:
            raise ValueError(f"{character!r} is not a character of such a code")
        value = value << 5 | _ALPHABET.index(character)
    if plain[CHARACTERS] != _CHECKS[value % 37]:
        raise ValueError("its check character does not fit: a character was misread")
    return plain
