"""`wheel-admin bundle` and `restore` at the desk: what they say, and what they refuse without touching anything."""

from pathlib import Path

import pytest

from kiosk.core.clock import ManualClock
from kiosk.core.durable import make_directory, process_lock
from kiosk.core.home import Home
from kiosk.core.key_files import kiosk_key
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.record import Note
from tests.wheel_admin.conftest import Desk, answer_prompts, posix_only
from wheel_admin.commands.publish import bundle
from wheel_admin.commands.publish.bundle import PASSPHRASE_VARIABLE
from wheel_admin.publishing.bundle_file import Stored

PASSPHRASE = "four words nobody guesses"  # noqa: S105


@pytest.fixture(autouse=True)
def _passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE_VARIABLE, PASSPHRASE)


@pytest.fixture
def drawn(desk: Desk) -> Desk:
    """A desk whose kiosk has a key and a ledger."""
    desk.do("entries", "add", "0042", "Ana")
    desk.do("publish")
    make_directory(desk.home.kiosk)
    kiosk_key(desk.home.kiosk_key, public=desk.home.kiosk_public_key)
    note(desk.home)
    return desk


@pytest.fixture
def fresh(drawn: Desk) -> Desk:
    """The same desk with a home that was never made."""
    return Desk(Home(drawn.files / "fresh"), drawn.files, drawn.capture, drawn.reader)


def note(home: Home) -> None:
    ledger = Ledger(home.ledger, clock=ManualClock())
    ledger.append(Note(text="x"))
    ledger.close()


def bundled(desk: Desk) -> Path:
    file = desk.files / "backup.wheel"
    desk.do("bundle", "-o", file)
    return file


def test_what_was_bundled_and_restored_is_said_in_words(drawn: Desk, fresh: Desk) -> None:
    file = drawn.files / "backup.wheel"
    told = drawn.run("bundle", "-o", file)
    assert told.code == 0
    assert f"Wrote {file}: 6 files, {file.stat().st_size} bytes." in told.out
    assert "the ledger up to record 1" in told.out

    restored = fresh.run("restore", file)
    assert restored.code == 0
    first, second = kiosk_key(drawn.home.kiosk_key), kiosk_key(fresh.home.kiosk_key)
    assert f"Restored 6 files to {fresh.home.root}." in restored.out
    said = f"Kiosk {second.public.keyid[:8]} goes on from kiosk {first.public.keyid[:8]}; record 2 of the ledger"
    assert said in restored.out
    assert b"restored after record 1" in fresh.home.ledger.read_bytes()


def test_a_home_without_a_ledger_is_bundled_and_restored_too(desk: Desk) -> None:
    answer = desk.do("bundle", "-o", desk.files / "b.wheel")
    assert (answer["seq"], answer["kiosk"]) == (0, "")
    fresh = Desk(Home(desk.files / "fresh"), desk.files, desk.capture, desk.reader)
    told = fresh.run("restore", desk.files / "b.wheel")

    assert told.code == 0
    assert "goes on from" not in told.out
    assert not fresh.home.ledger.exists()


def test_there_is_nothing_to_bundle_where_no_home_is(bare: Desk) -> None:
    assert "no wheel home" in bare.error("bundle", "-o", bare.files / "b.wheel", code=7)["message"]


def test_a_bundle_that_cannot_be_written_or_read_is_named(drawn: Desk, fresh: Desk) -> None:
    answer = drawn.error("bundle", "-o", drawn.files / "nowhere" / "b.wheel", code=2)
    assert answer["remedy"] == "Choose another path for -o."
    assert "Cannot read" in fresh.error("restore", fresh.files / "b.wheel", code=3)["message"]


def test_a_file_larger_than_any_bundle_is_not_read(fresh: Desk) -> None:
    file = fresh.files / "huge.wheel"
    with file.open("wb") as sparse:
        sparse.truncate(1 << 31)

    assert "larger than any bundle" in fresh.error("restore", file, code=3)["message"]


@pytest.mark.parametrize("given", ["", "short"])
def test_a_bundle_needs_a_passphrase_and_a_long_one(drawn: Desk, given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE_VARIABLE, given)
    error = drawn.error("bundle", "-o", drawn.files / "b.wheel", code=2)

    assert ("shorter than 8" if given else "no terminal to ask on") in error["message"]
    assert not (drawn.files / "b.wheel").exists()


def test_the_passphrase_is_asked_for_on_a_terminal_twice_for_a_new_bundle(
    drawn: Desk, fresh: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PASSPHRASE_VARIABLE)
    asked = answer_prompts(monkeypatch, PASSPHRASE)
    fresh.do("restore", bundled(drawn))

    assert asked == [True, False]


def test_a_kiosk_that_runs_is_not_restored_over(drawn: Desk, fresh: Desk) -> None:
    file = bundled(drawn)
    make_directory(fresh.home.kiosk)
    with process_lock(fresh.home.kiosk_lock, holder="A kiosk"):
        error = fresh.error("restore", file, code=5)

    assert "systemctl stop" in error["remedy"]
    assert not fresh.home.ledger.exists()


def test_a_home_with_a_broken_ledger_is_left_alone(drawn: Desk, fresh: Desk) -> None:
    make_directory(fresh.home.kiosk)
    note(fresh.home)
    note(fresh.home)
    broken = fresh.home.ledger.read_bytes().replace(b'"x"', b'"y"', 1)
    fresh.home.ledger.write_bytes(broken)

    assert "broken ledger" in fresh.error("restore", bundled(drawn), code=4)["message"]
    assert fresh.home.ledger.read_bytes() == broken


def test_a_home_with_lists_of_its_own_is_left_alone(drawn: Desk, fresh: Desk) -> None:
    make_directory(fresh.home.snapshots)
    theirs = fresh.home.snapshots / "snapshot-000009.json"
    theirs.write_bytes(b"{}")

    error = fresh.error("restore", bundled(drawn), code=4)
    assert str(theirs) in error["message"]
    assert theirs.read_bytes() == b"{}"


def test_what_a_kiosk_without_a_list_wrote_is_moved_aside(drawn: Desk, fresh: Desk) -> None:
    make_directory(fresh.home.kiosk)
    note(fresh.home)
    sample = fresh.home.ledger.read_bytes()
    answer = fresh.do("restore", bundled(drawn))

    assert (Path(answer["moved_aside"]) / "ledger.jsonl").read_bytes() == sample
    assert answer["seq"] == 2


def test_settings_theme_and_picture_come_along(drawn: Desk, fresh: Desk) -> None:
    kiosk = drawn.home.kiosk
    drawn.home.settings.write_text('theme = "themes/ours.toml"\n')
    make_directory(kiosk / "themes")
    (kiosk / "themes" / "ours.toml").write_text("")
    (kiosk / "logo.png").write_bytes(b"a picture")
    make_directory(fresh.home.kiosk)
    fresh.home.settings.write_text("# as the installer left it\n")
    fresh.do("restore", bundled(drawn))

    assert fresh.home.settings.read_text() == 'theme = "themes/ours.toml"\n'
    assert (fresh.home.kiosk / "themes" / "ours.toml").exists()
    assert (fresh.home.kiosk / "logo.png").read_bytes() == b"a picture"


def test_a_secret_that_is_used_up_meanwhile_is_read_again(drawn: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = iter([True, False])
    reads: list[Home] = []
    read_all = bundle._read_all

    def read(home: Home) -> dict[str, Stored]:
        reads.append(home)
        return read_all(home)

    monkeypatch.setattr(bundle, "_lost_its_secret", lambda files, history: next(lost))
    monkeypatch.setattr(bundle, "_read_all", read)
    drawn.do("bundle", "-o", drawn.files / "b.wheel")

    assert len(reads) == 2


@posix_only
@pytest.mark.parametrize("hidden", ["directory", "file"])
def test_a_kiosk_whose_secrets_may_not_be_read_needs_sudo(
    hidden: str, drawn: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read everything, so the refusal is the operating system's in name only."""
    make_directory(drawn.home.secrets)
    (drawn.home.secrets / "a.secret").write_bytes(b"x")

    def refuse(path: Path, *_arguments: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    real = getattr(Path, name := {"directory": "iterdir", "file": "read_bytes"}[hidden])
    concerned = {"directory": "secrets", "file": "a.secret"}[hidden]
    monkeypatch.setattr(Path, name, lambda path: refuse(path) if path.name == concerned else real(path))
    error = drawn.error("bundle", "-o", drawn.files / "b.wheel", code=7)

    assert error["remedy"] == "Run this with sudo."
    assert "Permission denied" in error["message"]
