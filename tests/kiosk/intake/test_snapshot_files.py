"""Published files, read as if an enemy had written them."""

import os
from pathlib import Path

import pytest

from kiosk.core.errors import (
    HomeError,
    SnapshotMalformed,
    SnapshotTooLarge,
    SnapshotUnreadable,
)
from kiosk.draw.protocol import digest
from kiosk.intake import snapshot_files as store
from kiosk.intake.snapshot_files import (
    Published,
    Stamp,
    candidates,
    generation_of,
    read,
    survey,
)
from kiosk.snapshot.model import MAX_ENVELOPE_BYTES, encode
from tests.kiosk.intake.published import newest
from tests.no_waiting import within_seconds
from tests.support import KEY, TRUSTED, envelope, publish, snapshot

# ---- names ----------------------------------------------------------------------------------------------------------

JUNK = [
    "snapshot-1.json",
    "snapshot-0000001.json",
    "snapshot-000001.json.tmp",
    ".snapshot-000001.json.0a1b2c3d.tmp",
    "snapshot-000001.json~",
    "snapshot-000001.JSON",
    "Snapshot-000001.json",
    "xsnapshot-000001.json",
    "snapshot-000001.json\n",
    "snapshot--00001.json",
    "snapshot-abcdef.json",
    "README",
]


@pytest.mark.parametrize("name", JUNK)
def test_a_junk_name_claims_no_generation_and_is_no_candidate(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(envelope(snapshot()))

    assert generation_of(tmp_path / name) is None
    assert list(candidates(tmp_path)) == []


def test_digits_of_other_scripts_are_no_generation(tmp_path: Path) -> None:
    """They would sort before every real name, and so show an older list that is still above the floor."""
    (tmp_path / "snapshot-٠٠٠٠٠١.json").write_bytes(envelope(snapshot(1)))
    publish(tmp_path, snapshot(2))

    assert newest(tmp_path)[0] == 2
    assert generation_of(tmp_path / "snapshot-٠٠٠٠٠١.json") is None


def test_candidates_come_newest_generation_first(tmp_path: Path) -> None:
    for generation in (9, 100, 1, 999_999, 10):
        publish(tmp_path, snapshot(generation, people=1))

    assert [generation_of(path) for path in candidates(tmp_path)] == [999_999, 100, 10, 9, 1]


def test_a_missing_directory_has_no_candidates(tmp_path: Path) -> None:
    assert list(candidates(tmp_path / "nowhere")) == []


# ---- one file -------------------------------------------------------------------------------------------------------


def test_a_good_file_is_read_whole_with_its_name_s_and_time(tmp_path: Path) -> None:
    content = snapshot(42)
    path = publish(tmp_path, content)
    os.utime(path, ns=(1, 1_700_000_000_123_456_789))

    published = read(path, keys=TRUSTED)

    assert published == Published(
        snapshot=content,
        s=digest(encode(content)),
        signer=KEY.public.keyid,
        envelope=path.read_bytes(),
        path=path,
        in_place_ns=1_700_000_000_123_456_789,
    )


def test_a_file_that_is_too_large_is_refused_and_not_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "snapshot-000001.json"
    path.write_bytes(envelope(snapshot()))
    os.truncate(path, 1 << 40)
    monkeypatch.setattr(store, "verify", lambda *_, **__: pytest.fail("it was parsed"))

    with pytest.raises(SnapshotTooLarge, match="8 MiB"):
        read(path, keys=TRUSTED)


def test_a_file_of_the_greatest_size_is_still_parsed(tmp_path: Path) -> None:
    path = tmp_path / "snapshot-000001.json"
    path.write_bytes(envelope(snapshot()).ljust(MAX_ENVELOPE_BYTES))

    with pytest.raises(SnapshotMalformed, match="does not end with a line feed"):
        read(path, keys=TRUSTED)


def test_a_name_that_claims_another_generation_is_refused(tmp_path: Path) -> None:
    path = publish(tmp_path, snapshot(41), named_as=42)

    with pytest.raises(SnapshotMalformed, match=r"named snapshot-000042\.json but holds generation 41"):
        read(path, keys=TRUSTED)


def test_the_sample_lists_generation_cannot_be_published(tmp_path: Path) -> None:
    path = publish(tmp_path, snapshot(0))

    with pytest.raises(SnapshotMalformed):
        read(path, keys=TRUSTED)


def test_a_link_is_refused_even_to_a_good_file(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_bytes(envelope(snapshot()))
    (tmp_path / "snapshot-000001.json").symlink_to(target)

    with pytest.raises(SnapshotUnreadable, match="link"):
        read(tmp_path / "snapshot-000001.json", keys=TRUSTED)


@pytest.mark.parametrize("target", ["/dev/zero", "/dev/stdin", "/nowhere", "snapshot-000001.json"])
def test_a_link_to_anything_is_refused_at_once(tmp_path: Path, target: str) -> None:
    (tmp_path / "snapshot-000001.json").symlink_to(target)

    error = within_seconds(lambda: read(tmp_path / "snapshot-000001.json", keys=TRUSTED))

    assert isinstance(error, SnapshotUnreadable)


def test_a_fifo_without_a_writer_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "snapshot-000001.json")

    error = within_seconds(lambda: read(tmp_path / "snapshot-000001.json", keys=TRUSTED))

    assert isinstance(error, SnapshotUnreadable)


def test_a_fifo_whose_writer_says_nothing_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "snapshot-000001.json"
    os.mkfifo(path)
    writer = os.open(path, os.O_RDWR)
    try:
        error = within_seconds(lambda: read(path, keys=TRUSTED))
    finally:
        os.close(writer)

    assert isinstance(error, SnapshotUnreadable)


def test_a_directory_with_a_snapshots_name_is_refused_like_a_file(tmp_path: Path) -> None:
    (tmp_path / "snapshot-000001.json").mkdir()

    with pytest.raises(SnapshotUnreadable):
        read(tmp_path / "snapshot-000001.json", keys=TRUSTED)


def test_reading_a_directory_leaves_no_descriptor_open(tmp_path: Path) -> None:
    (tmp_path / "snapshot-000001.json").mkdir()
    before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208 - descriptors, not files

    newest(tmp_path)

    assert set(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_a_file_that_vanished_or_may_not_be_read_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SnapshotUnreadable, match="No such file"):
        read(tmp_path / "snapshot-000001.json", keys=TRUSTED)
    publish(tmp_path, snapshot(1))

    def denied(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("kiosk.core.regular_files.os.open", denied)
    with pytest.raises(SnapshotUnreadable, match="Permission denied"):
        read(tmp_path / "snapshot-000001.json", keys=TRUSTED)


# ---- what tells that a file changed ---------------------------------------------------------------------------------


def test_a_stamp_changes_with_size_time_and_file_and_a_link_has_its_own(tmp_path: Path) -> None:
    path = tmp_path / "snapshot-000001.json"
    path.write_bytes(b"x")
    os.utime(path, ns=(1, 1))
    (before,) = survey(tmp_path)
    status = path.stat()
    assert before == Stamp(path.name, status.st_ino, 1, 1, status.st_ctime_ns)

    path.write_bytes(b"xy")
    os.utime(path, ns=(1, 1))
    (longer,) = survey(tmp_path)
    assert longer.size != before.size
    path.unlink()
    path.symlink_to("/etc/hostname")
    (link,) = survey(tmp_path)
    assert link.inode == path.lstat().st_ino != Path("/etc/hostname").stat().st_ino


def test_the_fingerprint_of_files_equals_the_surveys_and_omits_missing_files(tmp_path: Path) -> None:
    path = publish(tmp_path, snapshot(1))

    assert store.fingerprint([tmp_path / "nothing", path]) == tuple(survey(tmp_path))
    assert store.fingerprint([]) == ()


def test_a_directory_that_cannot_be_surveyed_is_a_home_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(HomeError) as caught:
        survey(tmp_path / "nowhere")
    assert caught.value.message == (
        f"No lists can arrive: {tmp_path / 'nowhere'} cannot be read: No such file or directory."
    )
