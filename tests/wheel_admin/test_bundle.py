"""`wheel-admin bundle` and `restore` at the desk: what they say, and what they refuse without touching anything."""

import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kiosk.core.clock import ManualClock
from kiosk.core.durable import make_directory, process_lock
from kiosk.core.home import Home
from kiosk.core.key_files import kiosk_key
from kiosk.intake.snapshot_files import KnownLists
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.reader import read_records
from kiosk.ledger.record import Note, Restored
from tests.wheel_admin.conftest import Desk, answer_prompts, posix_only
from tests.wheel_admin.room import room_of
from wheel_admin.commands.publish import bundle
from wheel_admin.commands.publish.bundle import PASSPHRASE_VARIABLE
from wheel_admin.publishing import bundle_file, home_files
from wheel_admin.publishing.bundle_file import Stored
from wheel_admin.publishing.known_keys import load_known_keys

PASSPHRASE = "four words nobody guesses"  # noqa: S105
SECRET_OF_ROOT = "/etc/shadow"  # noqa: S105 - a path


@pytest.fixture(autouse=True)
def _passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSPHRASE_VARIABLE, PASSPHRASE)
    # test_bundling.py seals at the real cost of scrypt.
    monkeypatch.setattr(bundle, "seal", partial(bundle_file.seal, cost=2))


@pytest.fixture
def drawn(desk: Desk) -> Desk:
    """A desk whose kiosk shows a list."""
    desk.do("entries", "add", "0042", "Ana")
    desk.do("publish")
    with room_of(desk) as room:
        room.adopt()
    return desk


@pytest.fixture
def fresh(drawn: Desk) -> Desk:
    """The same desk with a home that was never made."""
    return Desk(Home(drawn.files / "fresh"), drawn.files, drawn.capture, drawn.reader)


def note(home: Home) -> None:
    ledger = Ledger(home.ledger, clock=ManualClock(), lists=KnownLists())
    ledger.append(Note(text="x"))
    ledger.close()


def bundled(desk: Desk) -> Path:
    file = desk.files / "backup.wheel"
    desk.do("bundle", "-o", file)
    return file


@pytest.mark.slow
def test_what_was_bundled_and_restored_is_said_in_words(drawn: Desk, fresh: Desk) -> None:
    file = drawn.files / "backup.wheel"
    told = drawn.run("bundle", "-o", file)
    assert told.code == 0
    count = drawn.do("bundle", "-o", drawn.files / "same.wheel")["files"]
    assert f"Wrote {file}: {count} files, {file.stat().st_size} bytes." in told.out
    assert "the ledger up to record 1" in told.out

    restored = fresh.run("restore", file)
    assert restored.code == 0
    first, second = kiosk_key(drawn.home.kiosk_key), kiosk_key(fresh.home.kiosk_key)
    assert f"Restored {count} files to {fresh.home.root}." in restored.out
    said = f"Kiosk {second.public.keyid[:8]} goes on from kiosk {first.public.keyid[:8]}; record 2 of the ledger"
    assert said in restored.out
    *_, last = read_records(fresh.home.ledger.read_bytes())
    assert last.body == Restored(from_=first.public.keyid, to=second.public.keyid, head=last.prev)


def test_the_organiser_knows_both_kiosks_after_a_restore(drawn: Desk, fresh: Desk) -> None:
    first = kiosk_key(drawn.home.kiosk_key).public.keyid
    drawn.do("publish", "--force")
    assert load_known_keys(drawn.home).kiosks == (first,)

    restored = fresh.do("restore", bundled(drawn))

    assert load_known_keys(fresh.home).kiosks == (first, restored["kiosk"])


def test_both_copies_of_the_secrets_come_along(drawn: Desk, fresh: Desk) -> None:
    fresh.do("restore", bundled(drawn))

    for directory in ("secrets", "secrets-2"):
        there = sorted((drawn.home.kiosk / directory).iterdir())
        here = sorted((fresh.home.kiosk / directory).iterdir())
        assert [path.read_bytes() for path in there] == [path.read_bytes() for path in here]
        assert len(there) == 1
        assert all(path.stat().st_mode & 0o077 == 0 for path in (*here, fresh.home.kiosk / directory))


@pytest.mark.slow
def test_a_restored_kiosk_goes_on_at_the_same_spin(drawn: Desk, fresh: Desk) -> None:
    drawn.do("entries", "add", "0043", "Bo")
    drawn.do("publish")
    with room_of(drawn, random_bytes=os.urandom) as room:
        room.adopt()
    fresh.do("restore", bundled(drawn))
    with room_of(drawn) as room:
        room.adopt()
        first = room.spin()
    with room_of(fresh) as room:
        room.adopt()
        assert room.spin() == first


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


@pytest.mark.slow
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


@pytest.mark.slow
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

    monkeypatch.setattr(bundle, "_lost_its_secret", lambda home, files, history: next(lost))
    monkeypatch.setattr(bundle, "_read_all", read)
    drawn.do("bundle", "-o", drawn.files / "b.wheel")

    assert len(reads) == 2


@posix_only
@pytest.mark.parametrize("hidden", ["directory", "file"])
def test_a_kiosk_whose_secrets_may_not_be_read_needs_sudo(
    hidden: str, drawn: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read everything, so the refusal is the operating system's in name only."""
    (drawn.home.secrets / "a.secret").write_bytes(b"x")
    name = {"directory": "scandir", "file": "open"}[hidden]
    concerned = {"directory": drawn.home.secrets, "file": drawn.home.secrets / "a.secret"}[hidden]
    real = getattr(os, name)

    def refuse(path: Path, *arguments: object, **more: object) -> object:
        if path == concerned:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *arguments, **more)

    monkeypatch.setattr(os, name, refuse)
    error = drawn.error("bundle", "-o", drawn.files / "b.wheel", code=7)

    assert error["remedy"] == "Run this with sudo."
    assert "Permission denied" in error["message"]


PLACES = [
    "admin/draft.json",
    "admin/.lock",
    "snapshots/snapshot-000001.json",
    "kiosk/kiosk.toml",
    "kiosk/kiosk-key.pem",
    "kiosk/logo.png",
    "kiosk/themes/ours.toml",
    "kiosk/adopted",
    "kiosk/secrets",
    "kiosk/trusted",
]
"""Names that group members or the kiosk's account may put something else at."""


def put_link(path: Path) -> None:
    path.symlink_to(SECRET_OF_ROOT)


def put_fifo(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.slow
@posix_only
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("put", [put_link, put_fifo], ids=["link", "fifo"])
def test_bundle_and_restore_refuse_links_and_fifos(
    drawn: Desk, fresh: Desk, put: Callable[[Path], None], place: str
) -> None:
    """Both run as root: a link led them to any file of the machine, and a FIFO made them wait for ever."""
    file = bundled(drawn)
    for desk in (drawn, fresh):
        path = desk.home.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        put(path)
    into = drawn.files / "again.wheel"
    for error in (drawn.error("bundle", "-o", into, code=4), fresh.error("restore", file, code=4)):
        assert error["message"].endswith("Nothing was changed.")
        assert place in error["message"]

    assert not into.exists()
    assert not fresh.home.ledger.exists()


@posix_only
@pytest.mark.parametrize("put", [put_link, put_fifo], ids=["link", "fifo"])
def test_a_bundle_that_is_a_link_or_a_fifo_is_refused(fresh: Desk, put: Callable[[Path], None]) -> None:
    file = fresh.files / "b.wheel"
    put(file)

    assert str(file) in fresh.error("restore", file, code=3)["message"]


def test_directories_deep_within_each_other_are_refused(drawn: Desk) -> None:
    (drawn.home.snapshots / "d" / "/".join("d" * 40)).mkdir(parents=True)

    assert "within each other" in drawn.error("bundle", "-o", drawn.files / "b.wheel", code=4)["message"]


@posix_only
def test_a_file_that_becomes_a_link_after_the_check_is_refused(drawn: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = home_files.check_plain

    def check_then_swap(home: Home) -> None:
        checked(home)
        home.draft.unlink()
        put_link(home.draft)

    monkeypatch.setattr(bundle, "check_plain", check_then_swap)

    assert "it is a link" in drawn.error("bundle", "-o", drawn.files / "b.wheel", code=4)["message"]


@pytest.mark.slow
@posix_only
def test_a_restored_trusted_key_may_be_written_by_its_owner_only(drawn: Desk, fresh: Desk) -> None:
    (key,) = drawn.home.trusted.iterdir()
    key.chmod(0o664)
    fresh.do("restore", bundled(drawn))

    (restored,) = fresh.home.trusted.iterdir()
    assert restored.stat().st_mode & 0o777 == 0o644


@pytest.mark.slow
@posix_only
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_restore_as_root_gives_away_no_file_behind_a_link(
    drawn: Desk, fresh: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link that the kiosk's account puts there at the last moment gave it the file that the link names."""
    treasure = drawn.files / "treasure"
    treasure.write_bytes(b"root's")
    make_directory(fresh.home.kiosk)
    os.chown(fresh.home.kiosk, 0, 4711)
    monkeypatch.setattr("pwd.getpwnam", lambda _: SimpleNamespace(pw_uid=4711, pw_gid=4711))
    say_in_ledger = bundle._say_in_ledger

    def then_link(home: Home, *arguments: Any) -> int:
        (home.kiosk / "x").symlink_to(treasure)
        (home.snapshots / "x").symlink_to(treasure)
        return say_in_ledger(home, *arguments)

    monkeypatch.setattr(bundle, "_say_in_ledger", then_link)
    fresh.do("restore", bundled(drawn))

    assert fresh.home.ledger.stat().st_uid == 4711
    assert treasure.stat().st_uid == 0
