"""First contact: wheel-admin pair on one machine, wheel-kiosk trust on the other."""

from pathlib import Path

import pytest

from kiosk.__main__ import main
from kiosk.commands.trust import trust_key
from kiosk.core.errors import RefusedError, TrustError, UsageError
from kiosk.core.home import Home
from kiosk.core.key_files import kiosk_key, load_trusted_keys
from kiosk.draw.short_digest import grouped
from tests.support import STRANGER
from tests.wheel_admin.conftest import Desk


@pytest.fixture
def pi(tmp_path: Path) -> Home:
    home = Home(tmp_path / "pi")
    home.kiosk.mkdir(parents=True)
    kiosk_key(home.kiosk_key, public=home.kiosk_public_key)
    return home


def test_pair_and_trust_let_a_kiosk_show_the_organisers_lists(
    desk: Desk, pi: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    file = desk.files / "me.pem"
    paired = desk.do("pair", "-o", file)

    assert main(["trust", str(file), "--code", paired["code"].lower(), "--home", str(pi.root)]) == 0
    told = capsys.readouterr().out
    assert set(load_trusted_keys(pi.trusted)) == {paired["keyid"]}
    kiosk_id = told.split("wheel-admin pair --kiosk ")[1].strip()
    assert desk.do("pair", "--kiosk", kiosk_id)["kiosks"] == [kiosk_id]


def test_a_kiosk_that_never_ran_says_where_its_id_comes_from(desk: Desk) -> None:
    desk.do("pair", "-o", desk.files / "me.pem")

    told = trust_key(Home(desk.files / "new"), desk.files / "me.pem", "", ask=lambda question: True)

    assert told.endswith("start it once, and run this again to see its id.\n")


def test_pair_says_what_to_type_and_which_code_to_compare(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk.files)
    out = desk.run("pair").out
    [file] = desk.files.glob("organiser-*.pem")

    assert f"sudo wheel-kiosk trust {file.name}" in out
    assert grouped(next(iter(load_trusted_keys(desk.home.trusted)))) in out
    assert b"PRIVATE" not in file.read_bytes()


def test_another_key_than_the_codes_is_not_trusted(desk: Desk, pi: Home) -> None:
    theirs = desk.files / "theirs.pem"
    theirs.write_bytes(STRANGER.public.pem())
    code = desk.do("pair", "-o", desk.files / "me.pem")["code"]
    with pytest.raises(TrustError, match="another code"):
        trust_key(pi, theirs, code, ask=None)
    with pytest.raises(RefusedError):
        trust_key(pi, theirs, "", ask=lambda question: False)
    with pytest.raises(UsageError, match="not a key's code"):
        trust_key(pi, theirs, code[:-1], ask=None)
    with pytest.raises(UsageError, match="The code of the key"):
        trust_key(pi, theirs, "", ask=None)

    assert load_trusted_keys(pi.trusted) == {}


def test_a_private_key_or_any_other_file_is_no_key_to_trust(desk: Desk, pi: Home) -> None:
    for path in (desk.home.signing_key, desk.files / "missing.pem", desk.home.draft):
        with pytest.raises(TrustError):
            trust_key(pi, path, "", ask=lambda question: True)


def test_a_kiosks_id_that_cannot_be_one_is_refused(desk: Desk) -> None:
    assert "64" in desk.error("pair", "--kiosk", "abc", code=2)["message"]
