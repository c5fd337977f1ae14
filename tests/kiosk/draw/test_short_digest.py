"""The short form of a digest, for people: 130 bits, and a check character that finds every single slip."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.draw.short_digest import CHARACTERS, names, short

A = "19781792b1e471f8aa96d632fbf2e0da69a80838c0ce34a4ef13977893f36126"
SHORT = "35W1F4NHWHRZHAMPTRSFQWQ0V96"
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)


def test_the_specifications_anchor_has_its_short_form() -> None:
    assert short(A) == SHORT
    assert len(SHORT) == CHARACTERS + 1


@given(digests)
def test_what_is_written_is_read(digest: str) -> None:
    text = short(digest)

    assert names(text, digest)
    assert names(text.lower(), digest)
    assert names("-".join((text[:9], text[9:18], text[18:])), digest)
    assert not set(text) & set("ILO")


def test_look_alikes_are_read_as_what_they_look_like() -> None:
    assert names(SHORT.replace("1", "l").replace("0", "O"), A)
    assert names(SHORT.replace("1", "I"), A)


@given(digests, st.integers(0, 26), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_a_slip_in_one_character_is_found(digest: str, place: int, instead: str) -> None:
    text = short(digest)
    changed = text[:place] + instead + text[place + 1 :]

    if changed != text:
        with pytest.raises(ValueError, match="check character"):
            names(changed, digest)


@given(digests, digests)
def test_it_names_no_other_digest(digest: str, other: str) -> None:
    same = int(digest, 16) >> 126 == int(other, 16) >> 126
    assert names(short(other), digest) == same


@pytest.mark.parametrize("text", ["", SHORT[:-1], SHORT[:16], SHORT + "0", "ü" * 27])
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"it has|is not a character"):
        names(text, A)
