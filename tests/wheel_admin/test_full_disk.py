"""The disk is full at every write of every command, one after the other: a message that says what to do, exit code 7,
nothing half written, and the same command works when there is room."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.core.home import Home
from kiosk.core.key_files import load_trusted_keys
from kiosk.intake.snapshot_files import candidates, read, read_names
from tests.full_disk import full_disk
from tests.wheel_admin.conftest import Desk
from tests.wheel_admin.room import room_of
from wheel_admin.draft import load_draft
from wheel_admin.publishing.known_keys import meet_kiosk


def shown(desk: Desk, *, spin: bool = True) -> None:
    """Have the newest list adopted, and one spin made, as a kiosk would."""
    with room_of(desk) as room:
        room.adopt()
        if spin:
            room.spin()
    meet_kiosk(desk.home)


def contents(directory: Path) -> dict[str, bytes]:
    """Return what lies below `directory`, but for locks."""
    found = {str(path.relative_to(directory)): path for path in directory.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if not name.endswith(".lock")}


def whole(home: Home) -> None:
    """Check that whatever lies there is whole."""
    if home.draft.exists():
        load_draft(home)
    keys = load_trusted_keys(home.trusted) if home.trusted.exists() else {}
    for path in candidates(home.snapshots) if home.snapshots.exists() else ():
        read_names(read(path, keys=keys).snapshot, (home.snapshots,))
    assert not [path for path in home.root.rglob("*.tmp") if path.is_file()]


def every_write(desk: Desk, *command: str | Path) -> int:
    """Run `command` with the disk full at its first write, its second, and so on; each time from the same start.

    Each failing run leaves files that are whole, and the next one, with room, does what it was asked, or says that it
    is so already. Returns how many writes there were.
    """
    start, kept = desk.home.root, desk.files / "kept"
    shutil.rmtree(kept, ignore_errors=True)
    if start.exists():
        shutil.copytree(start, kept)
    for number in range(1, 100):
        shutil.rmtree(start, ignore_errors=True)
        if kept.exists():
            shutil.copytree(kept, start)
        before = contents(start) if start.exists() else {}
        with full_disk() as disk:
            disk.full_once(number)
            outcome = desk.run(*command)
            if not disk.failed:
                assert outcome.code == 0, outcome
                return number - 1
        said = outcome.out + outcome.err
        assert outcome.code == 7, (disk.failed, outcome)
        assert "No space left on device" in said, said
        assert "Free some space on that disk" in said, said
        assert "Traceback" not in said
        whole(desk.home)
        if disk.failed == ["write"]:
            after = contents(start)
            assert {name: after[name] for name in before} == before, "what was there is still there"
        again = desk.run(*command)
        done_already = disk.failed == ["fsync"] and again.code == 4  # of the directory: the file was in place by then
        assert again.code == 0 or done_already, (disk.failed, again)
        whole(desk.home)
    raise AssertionError("the command never ended")


@pytest.mark.slow
def test_init_with_a_disk_full_at_any_write_can_be_repeated(bare: Desk) -> None:
    assert every_write(bare, "init", "--no-passphrase") >= 12


@pytest.mark.slow
def test_an_import_with_a_disk_full_at_any_write_can_be_repeated(desk: Desk, people: Callable[[int], Path]) -> None:
    assert every_write(desk, "import", people(5), "--replace") >= 5


@pytest.mark.slow
def test_editing_with_a_disk_full_at_any_write_can_be_repeated(desk: Desk, people: Callable[[int], Path]) -> None:
    desk.do("import", people(5))

    assert every_write(desk, "entries", "remove", "T0001") >= 5
    assert every_write(desk, "title", "Another") >= 5


@pytest.fixture
def published(desk: Desk, people: Callable[[int], Path]) -> Desk:
    desk.do("import", people(5))
    desk.do("publish")
    return desk


@pytest.mark.slow
def test_publishing_with_a_disk_full_at_any_write_can_be_repeated(published: Desk) -> None:
    published.do("title", "Second")

    assert every_write(published, "publish") >= 5


@pytest.mark.slow
def test_republish_and_prune_survive_a_disk_full_at_any_write(published: Desk) -> None:
    published.do("title", "Second")
    published.do("publish")

    assert every_write(published, "republish", "1") >= 5
    assert every_write(published, "prune", "--keep", "1") >= 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [("entropy", "dice:3.1.6.6.2.4.1.1.2.3"), ("withdraw", "T0004", "--reason", "ill"), ("absent",)],
    ids=lambda command: command[0],
)
def test_requests_survive_a_disk_full_at_any_write(published: Desk, command: tuple[str, ...]) -> None:
    if command[0] == "entropy":
        published.do("entropy", "plan", "dice")
        published.do("publish")
    shown(published, spin=command[0] != "entropy")

    assert every_write(published, *command) >= 5


def test_a_manifest_that_cannot_be_written_is_reported_after_publishing(published: Desk) -> None:
    """The error said that nothing could be written, and the list was on the wheel."""
    target = published.files / "website"
    published.do("publish", "--force", "--public", target)
    published.do("title", "Second")
    with full_disk() as disk:
        disk.fails = lambda count: count > 10  # names file and list are in place then
        outcome = published.run("publish", "--public", target)

    assert outcome.code == 7
    assert "Generation 3 is published, and its manifest is not" in outcome.err
    assert "wheel-admin publish --force --public" in outcome.err
    assert "No space left on device" in outcome.err


@pytest.mark.slow
def test_receipts_and_exports_survive_a_disk_full_at_any_write(published: Desk) -> None:
    """These lie wherever the organiser wants them."""
    published.do("publish", "--force", "--public", published.files)
    shown(published)
    for number, command in enumerate((("receipt", "T0001", "-o"), ("certificate", "-o"), ("draws", "export"))):
        path = published.files / f"out{number}{'.csv' if command[0] == 'draws' else ''}"
        assert every_write(published, *command, path) >= 4
        assert path.stat().st_size > 100
