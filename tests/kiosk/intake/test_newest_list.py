"""The newest good list, whatever else lies there."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.core.errors import (
    ReplacedGeneration,
    SnapshotError,
    SnapshotMalformed,
    SnapshotTooLarge,
    SnapshotUnreadable,
    SnapshotUntrusted,
    StaleGeneration,
)
from kiosk.draw.protocol import digest
from kiosk.intake.snapshot_files import (
    Floor,
    check_floor,
    read,
)
from kiosk.snapshot.model import MAX_ENVELOPE_BYTES, encode
from tests.kiosk.intake.published import newest
from tests.support import STRANGER, TRUSTED, envelope, publish, snapshot


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
