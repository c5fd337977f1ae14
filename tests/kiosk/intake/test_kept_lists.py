"""The kiosk's own copies, names files, and a list by its name."""

from pathlib import Path

import pytest

from kiosk.core.errors import (
    HomeError,
    NamesMissing,
)
from kiosk.core.home import names_name
from kiosk.draw.protocol import digest
from kiosk.intake.snapshot_files import (
    Floor,
    KnownLists,
    candidates,
    erase_names,
    keep_copy,
    list_named,
    newest_good,
    read,
    read_names,
)
from kiosk.snapshot.model import encode
from tests.support import STRANGER, TRUSTED, named, names_of, publish, snapshot

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
