"""The kiosk keeps a copy of every list that it adopts."""

from pathlib import Path

import pytest

from kiosk.core.errors import (
    HomeError,
)
from kiosk.intake.snapshot_files import (
    keep_copy,
    read,
)
from tests.support import TRUSTED, publish, snapshot


def test_a_kept_copy_is_the_file_byte_for_byte(tmp_path: Path) -> None:
    (tmp_path / "adopted").mkdir()
    published = read(publish(tmp_path, snapshot(7)), keys=TRUSTED)

    keep_copy(published, tmp_path / "adopted")

    assert (tmp_path / "adopted" / "snapshot-000007.json").read_bytes() == published.envelope
    assert read(tmp_path / "adopted" / "snapshot-000007.json", keys=TRUSTED).s == published.s


def test_a_copy_that_is_there_already_is_not_written_again_and_a_damaged_one_is(tmp_path: Path) -> None:
    published = read(publish(tmp_path, snapshot(7)), keys=TRUSTED)
    copy = tmp_path / "adopted" / "snapshot-000007.json"
    copy.parent.mkdir()
    keep_copy(published, copy.parent)
    first = copy.stat().st_ino

    keep_copy(published, copy.parent)
    assert copy.stat().st_ino == first
    copy.write_bytes(b"damaged")
    keep_copy(published, copy.parent)
    assert copy.read_bytes() == published.envelope


def test_a_copy_that_cannot_be_kept_is_a_home_error(tmp_path: Path) -> None:
    published = read(publish(tmp_path, snapshot(7)), keys=TRUSTED)

    with pytest.raises(HomeError):
        keep_copy(published, tmp_path / "nowhere")
