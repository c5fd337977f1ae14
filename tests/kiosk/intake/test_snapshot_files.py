"""Published files, read as if an enemy had written them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.core.errors import (
    HomeError,
    NamesMissing,
    ReplacedGeneration,
    SnapshotError,
    SnapshotMalformed,
    SnapshotTooLarge,
    SnapshotUnreadable,
    SnapshotUntrusted,
    StaleGeneration,
)
from kiosk.core.home import names_name
from kiosk.draw.protocol import digest
from kiosk.intake import snapshot_files as store
from kiosk.intake.snapshot_files import (
    Floor,
    KnownLists,
    Published,
    Stamp,
    candidates,
    check_floor,
    erase_names,
    generation_of,
    keep_copy,
    list_named,
    newest_good,
    read,
    read_names,
    survey,
)
from kiosk.snapshot.model import MAX_ENVELOPE_BYTES, encode
from tests.no_waiting import within_seconds
from tests.support import KEY, STRANGER, TRUSTED, envelope, named, names_of, publish, snapshot


def newest(directory: Path, floor: Floor | None = None) -> tuple[int | None, dict[str, type[SnapshotError]]]:
    """Return the generation that would be shown, and what was refused before it."""
    published, refusals = newest_good(candidates(directory), keys=TRUSTED, floor=floor or Floor())
    return published.generation if published else None, {one.path.name: type(one.error) for one in refusals}


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


# ---- the newest good one --------------------------------------------------------------------------------------------


def test_the_newest_file_is_shown_when_it_is_good(tmp_path: Path) -> None:
    for generation in (1, 2, 3):
        publish(tmp_path, snapshot(generation))

    assert newest(tmp_path) == (3, {})


def make_truncated(directory: Path) -> None:
    publish(directory, snapshot(2), data=envelope(snapshot(2))[:200])


def make_empty(directory: Path) -> None:
    (directory / "snapshot-000002.json").touch()


def make_altered(directory: Path) -> None:
    content, other = envelope(snapshot(2)), envelope(snapshot(2, people=11))
    signature_at = content.index(b'"signatures"')
    publish(directory, snapshot(2), data=other[: other.index(b'"signatures"')] + content[signature_at:])


def make_strange(directory: Path) -> None:
    publish(directory, snapshot(2), key=STRANGER)


def make_too_large(directory: Path) -> None:
    os.truncate(publish(directory, snapshot(2)), MAX_ENVELOPE_BYTES + 1)


def make_misnamed(directory: Path) -> None:
    publish(directory, snapshot(3), named_as=2)


def make_rule_breaking(directory: Path) -> None:
    publish(directory, snapshot(2, title="bad\u202etitle"))


def make_link(directory: Path) -> None:
    (directory / "snapshot-000002.json").symlink_to("snapshot-000001.json")


def make_fifo(directory: Path) -> None:
    os.mkfifo(directory / "snapshot-000002.json")


def make_directory(directory: Path) -> None:
    (directory / "snapshot-000002.json").mkdir()


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (make_truncated, SnapshotMalformed),
        (make_empty, SnapshotMalformed),
        (make_altered, SnapshotUntrusted),
        (make_strange, SnapshotUntrusted),
        (make_too_large, SnapshotTooLarge),
        (make_misnamed, SnapshotMalformed),
        (make_rule_breaking, SnapshotMalformed),
        (make_link, SnapshotUnreadable),
        (make_fifo, SnapshotUnreadable),
        (make_directory, SnapshotUnreadable),
    ],
    ids=lambda value: value.__name__,
)
def test_a_bad_newest_file_is_named_and_the_newest_good_one_is_shown(
    tmp_path: Path, spoil: Callable[[Path], None], error: type[SnapshotError]
) -> None:
    publish(tmp_path, snapshot(1))
    spoil(tmp_path)

    assert newest(tmp_path) == (1, {"snapshot-000002.json": error})


def test_when_every_file_is_bad_none_is_shown_and_all_are_named(tmp_path: Path) -> None:
    publish(tmp_path, snapshot(1), key=STRANGER)
    make_truncated(tmp_path)

    assert newest(tmp_path) == (
        None,
        {"snapshot-000002.json": SnapshotMalformed, "snapshot-000001.json": SnapshotUntrusted},
    )


def test_files_older_than_the_one_shown_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "snapshot-000001.json")
    publish(tmp_path, snapshot(2))

    assert newest(tmp_path) == (2, {})


def test_a_generation_below_the_one_adopted_is_refused_with_the_way_back(tmp_path: Path) -> None:
    publish(tmp_path, snapshot(41))

    assert newest(tmp_path, Floor(42, "f" * 64)) == (None, {"snapshot-000041.json": StaleGeneration})
    with pytest.raises(StaleGeneration) as caught:
        check_floor(read(tmp_path / "snapshot-000041.json", keys=TRUSTED), Floor(42, "f" * 64))
    assert caught.value.message == "Generation 41 is older than 42, which was already on the wheel."
    assert caught.value.remedy == "To go back, publish it again: wheel-admin republish 41."


def test_the_adopted_generation_with_other_content_is_refused(tmp_path: Path) -> None:
    publish(tmp_path, snapshot(42))

    assert newest(tmp_path, Floor(42, "f" * 64)) == (None, {"snapshot-000042.json": ReplacedGeneration})
    with pytest.raises(ReplacedGeneration) as caught:
        check_floor(read(tmp_path / "snapshot-000042.json", keys=TRUSTED), Floor(42, "f" * 64))
    assert caught.value.message == "Generation 42 was already adopted with another content (ffffffff)."
    assert caught.value.remedy == "Publish again: a new list gets a new generation."


def test_the_adopted_generation_itself_and_newer_ones_pass(tmp_path: Path) -> None:
    content = snapshot(42)
    publish(tmp_path, content)

    assert newest(tmp_path, Floor(42, digest(encode(content)))) == (42, {})
    assert newest(tmp_path, Floor(41, "f" * 64)) == (42, {})


# ---- the kiosk's own copy -------------------------------------------------------------------------------------------


def test_a_kept_copy_is_the_file_byte_for_byte(tmp_path: Path) -> None:
    (tmp_path / "adopted").mkdir()
    published = read(publish(tmp_path, snapshot(7)), keys=TRUSTED)

    keep_copy(published, b"names", tmp_path / "adopted")

    assert (tmp_path / "adopted" / "snapshot-000007.json").read_bytes() == published.envelope
    assert read(tmp_path / "adopted" / "snapshot-000007.json", keys=TRUSTED).s == published.s
    assert (tmp_path / "adopted" / names_name(published.snapshot.names)).read_bytes() == b"names"


def test_a_copy_that_is_there_already_is_not_written_again_and_a_damaged_one_is(tmp_path: Path) -> None:
    published = read(publish(tmp_path, snapshot(7)), keys=TRUSTED)
    copy = tmp_path / "adopted" / "snapshot-000007.json"
    copy.parent.mkdir()
    keep_copy(published, b"", copy.parent)
    first = copy.stat().st_ino

    keep_copy(published, b"", copy.parent)
    assert copy.stat().st_ino == first
    copy.write_bytes(b"damaged")
    keep_copy(published, b"", copy.parent)
    assert copy.read_bytes() == published.envelope


def test_a_copy_that_cannot_be_kept_is_a_home_error(tmp_path: Path) -> None:
    published = read(publish(tmp_path, snapshot(7)), keys=TRUSTED)

    with pytest.raises(HomeError):
        keep_copy(published, b"", tmp_path / "nowhere")


# ---- names files ----------------------------------------------------------------------------------------------------


def test_names_are_read_from_the_first_directory_that_has_them(tmp_path: Path) -> None:
    content = snapshot(people=3)
    first, second = tmp_path / "first", tmp_path / "second"
    for directory in (first, second):
        directory.mkdir()
    publish(second, content)

    names, data = read_names(content, (first, second))

    assert names == named(content.entries)
    assert data == names_of(content)
    (first / names_name(content.names)).write_bytes(b"damaged")
    assert read_names(content, (first, second))[0] == names


def test_a_names_file_that_is_not_here_or_another_one_is_missing(tmp_path: Path) -> None:
    content = snapshot(people=3)
    with pytest.raises(NamesMissing, match=r"Its names file names-[0-9a-f]{16}\.json is not here\. "):
        read_names(content, (tmp_path,))
    (tmp_path / names_name(content.names)).write_bytes(names_of(snapshot(people=4)))

    with pytest.raises(NamesMissing, match="its SHA-256 is another one"):
        read_names(content, (tmp_path,))


def test_only_the_names_of_that_event_are_erased(tmp_path: Path) -> None:
    other = snapshot(2, event="f" * 16, people=4)
    publish(tmp_path, snapshot(1))
    publish(tmp_path, other)

    assert erase_names(snapshot().event.id, tmp_path) == 1

    assert [path.name for path in tmp_path.glob("names-*")] == [names_name(other.names)]
    assert erase_names(snapshot().event.id, tmp_path) == 0


# ---- a list by its name ---------------------------------------------------------------------------------------------


def test_a_list_is_found_by_its_digest_whoever_signed_it(tmp_path: Path) -> None:
    content = snapshot(3)
    publish(tmp_path, content, key=STRANGER)
    s = digest(encode(content))

    found = list_named(s, (tmp_path / "nowhere", tmp_path))

    assert found is not None
    assert (found.snapshot, found.s, found.signer) == (content, s, STRANGER.public.keyid)
    assert KnownLists(tmp_path)(s) == content
    assert list_named("0" * 64, (tmp_path,)) is None
    assert KnownLists(tmp_path)("0" * 64) is None


def test_lists_that_were_added_are_known_without_their_files(tmp_path: Path) -> None:
    known = KnownLists(tmp_path)
    many = {f"{number:064x}": snapshot(number) for number in range(1, 9)}
    for s, content in many.items():
        known.add(s, content)
        assert known(s) == content

    assert sum(known(s) is not None for s in many) == 4, "only the newest few are kept in memory"


def test_an_empty_file_uses_up_no_generation(tmp_path: Path) -> None:
    """Seen in an attack: an empty file of the last number, and no list could be published any more."""
    publish(tmp_path, snapshot(3))
    (tmp_path / "snapshot-999998.json").touch()
    publish(tmp_path, snapshot(4), key=STRANGER, named_as=999_999)

    published, _ = newest_good(candidates(tmp_path), keys=TRUSTED, floor=Floor())

    assert published is not None
    assert published.generation == 3
