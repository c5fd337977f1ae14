"""The index: hints for a fetcher, from anybody."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.errors import SnapshotMalformed
from kiosk.fetcher.index_file import MAX_FILES, HintedFile, decode, encode, is_published_name

NAMES = st.one_of(
    st.text(max_size=60),
    st.from_regex(r"snapshot-[0-9]{5,7}\.json", fullmatch=True),
    st.from_regex(r"(names|request)-[0-9a-f]{15,17}\.json", fullmatch=True),
)


@pytest.mark.slow
@given(st.lists(st.builds(HintedFile, NAMES, st.integers(-1, 2**53), st.text(max_size=70)), max_size=20))
def test_what_is_read_is_what_was_written_less_what_cannot_be_published(files: list[HintedFile]) -> None:
    found = decode(encode(files))

    assert sorted(found, key=repr) == sorted((file for file in files if is_published_name(file.name)), key=repr)
    assert not any(set(file.name) & set("/\\\n\0") or ".." in file.name for file in found)


@given(st.binary(max_size=300))
def test_any_bytes_are_an_index_or_refused(data: bytes) -> None:
    with contextlib.suppress(SnapshotMalformed):
        assert all(is_published_name(file.name) for file in decode(data))


def test_an_index_of_too_many_files_is_refused() -> None:
    with pytest.raises(SnapshotMalformed, match="more than"):
        decode(encode(HintedFile(f"snapshot-{number:06d}.json") for number in range(MAX_FILES + 1)))
