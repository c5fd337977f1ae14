"""The key ids that an organiser relies on: recorded at first contact, and not changed by the kiosk's files later."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.core.key_files import kiosk_key
from kiosk.core.keys import PrivateKey
from tests.wheel_admin.conftest import Desk, posix_only
from tests.wheel_admin.room import room_of
from wheel_admin.publishing.known_keys import KnownKeys, kiosk_in, load_known_keys
from wheel_admin.publishing.signing_key import load_signing_key


@pytest.fixture
def drawn(desk: Desk, people: Callable[[int], Path]) -> Desk:
    """A desk whose kiosk drew once."""
    desk.do("import", people(5))
    desk.do("publish")
    with room_of(desk) as room:
        room.adopt()
        room.spin()
    return desk


def kiosk_of(desk: Desk) -> str:
    return kiosk_key(desk.home.kiosk_key).public.keyid


def test_init_records_the_organisers_own_key(bare: Desk) -> None:
    keyid = bare.do("init", "--no-passphrase")["keyid"]

    assert load_known_keys(bare.home) == KnownKeys(organisers=(keyid,))


def test_a_kiosk_is_recorded_at_the_first_contact_after_it_has_a_key(drawn: Desk) -> None:
    assert load_known_keys(drawn.home).kiosks == ()

    drawn.do("publish", "--force")

    assert load_known_keys(drawn.home).kiosks == (kiosk_of(drawn),)


@pytest.mark.slow
def test_verify_trusts_what_was_recorded_and_says_so(drawn: Desk) -> None:
    drawn.do("publish", "--force")
    organiser = load_signing_key(drawn.home).public.keyid

    outcome = drawn.run("verify")

    assert outcome.code == 0
    assert f"trusted kiosk {kiosk_of(drawn)}, recorded in this home at first contact" in outcome.out
    assert f"trusted organiser {organiser}, recorded in this home at first contact" in outcome.out
    assert "recorded just now" not in outcome.out


@pytest.mark.slow
def test_verify_says_that_it_met_the_kiosk_only_now(drawn: Desk) -> None:
    answer = drawn.run("verify", "--json")

    assert answer.code == 0
    assert answer.json["met_now"] is True
    assert answer.json["verifier"]["verdict"] == "SIGNED"
    assert drawn.do("verify")["met_now"] is False


@pytest.mark.slow
def test_a_kiosk_key_that_appears_later_is_not_believed(drawn: Desk) -> None:
    """The holder of the kiosk's account could make a ledger with a key of his own."""
    drawn.do("publish", "--force")
    first = kiosk_of(drawn)
    drawn.home.kiosk_key.unlink()
    drawn.home.kiosk_public_key.unlink()
    with room_of(drawn):
        pass
    assert kiosk_of(drawn) != first

    outcome = drawn.run("verify", "--json")

    assert load_known_keys(drawn.home).kiosks == (first,)
    assert outcome.code == 3
    assert outcome.json["verifier"]["verdict"] == "CONSISTENT"
    assert any(kiosk_of(drawn) in reason for reason in outcome.json["verifier"]["why not SIGNED"])


def test_a_damaged_file_of_known_keys_is_said_to_be_one(drawn: Desk) -> None:
    drawn.home.known_keys.write_text("{")

    error = drawn.error("verify", code=7)

    assert "known-keys.json cannot be understood" in error["message"]
    assert "--kiosk" in error["remedy"]


@posix_only
def test_a_personal_home_keeps_the_known_keys_to_itself(drawn: Desk) -> None:
    drawn.do("publish", "--force")

    assert drawn.home.known_keys.stat().st_mode & 0o777 == 0o600


def test_a_public_file_that_is_not_one_key_names_no_kiosk(desk: Desk) -> None:
    one, two = PrivateKey.generate().public, PrivateKey.generate().public
    desk.home.kiosk.mkdir(exist_ok=True)
    desk.home.kiosk_public_key.write_bytes(two.pem())
    assert kiosk_in(desk.home) == two.keyid

    for content in (two.pem() + one.pem(), b"rubbish"):
        desk.home.kiosk_public_key.write_bytes(content)
        assert kiosk_in(desk.home) == ""
