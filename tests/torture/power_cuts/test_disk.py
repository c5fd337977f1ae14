"""What a power cut may leave of a few operations: as bad as POSIX allows, and not worse."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.torture.power_cuts.disk import (
    MOST_UNSYNCED_NAMES,
    SECTOR_BYTES,
    ChangeMode,
    Create,
    Cut,
    Disk,
    Leaf,
    MakeDirectory,
    Open,
    Operation,
    Promise,
    Remove,
    Rename,
    SyncDirectory,
    SyncFile,
    Write,
)

OLD = {"d": None, "d/file": Leaf(b"old", 0o640)}
MODE = 0o640


def disk_after(operations: Sequence[Operation], before: dict[str, Leaf | None] | None = None) -> Disk:
    disk = Disk(OLD if before is None else before)
    for operation in operations:
        disk.apply(operation)
    return disk


def left_of(path: str, operations: Sequence[Operation], **options: bool) -> set[bytes | None]:
    """Return what a power cut may leave at `path`; None where nothing is left."""
    found: set[bytes | None] = set()
    for state in disk_after(operations).states(**options):
        leaf = state.get(path)
        found.add(leaf.data if leaf else None)
    return found


def replaced(*, file_synced: bool, directory_synced: bool, data: bytes = b"new") -> list[Operation]:
    """An atomic write of d/file, with one sync or the other left out."""
    return [
        Create("d/.tmp", 1, MODE),
        Write(1, 0, data, appending=False),
        *([SyncFile(1)] if file_synced else []),
        Rename("d/.tmp", "d/file"),
        *([SyncDirectory("d")] if directory_synced else []),
    ]


def test_what_is_synced_is_there_and_nothing_else() -> None:
    disk = disk_after(replaced(file_synced=True, directory_synced=True))

    assert disk.settled
    assert list(disk.states()) == [{"d": None, "d/file": Leaf(b"new", MODE)}] == [disk.seen()]


def test_a_rename_whose_directory_was_not_synced_happened_or_did_not() -> None:
    assert left_of("d/file", replaced(file_synced=True, directory_synced=False)) == {b"old", b"new"}


def test_a_durable_name_says_nothing_about_the_bytes() -> None:
    found = left_of("d/file", replaced(file_synced=False, directory_synced=True))

    assert found == {b"", b"n", b"ne", b"new", b"n\0\0", b"\0\0\0"}


def test_bytes_and_names_are_lost_independently() -> None:
    found = left_of("d/file", replaced(file_synced=False, directory_synced=False))

    assert {b"old", b"", b"ne", b"new", b"\0\0\0"} <= found


def test_an_added_line_is_cut_at_every_byte() -> None:
    line = b"a line of a ledger\n"
    operations = [Open("d/file", 1), Write(1, 3, line, appending=True)]

    found = left_of("d/file", operations)

    assert {b"old" + line[:length] for length in range(len(line) + 1)} < found
    assert b"old" + bytes(len(line)) in found
    assert len(left_of("d/file", operations, fine=False)) < len(found)


def test_any_sector_of_a_long_write_may_read_as_zeros_while_the_others_are_there() -> None:
    data = b"x" * (2 * SECTOR_BYTES + 10)
    found = left_of("d/file", [Open("d/file", 1), Write(1, 3, data, appending=True)], fine=False)

    hole = slice(SECTOR_BYTES, 2 * SECTOR_BYTES)
    torn = bytearray(b"old" + data)
    torn[hole] = bytes(SECTOR_BYTES)
    assert bytes(torn) in found
    assert b"old" + bytes(SECTOR_BYTES - 3) + data[SECTOR_BYTES - 3 :] in found


def test_two_unsynced_writes_reach_the_disk_in_any_order() -> None:
    operations = [Open("d/file", 1), Write(1, 3, b"A", appending=True), Write(1, 4, b"B", appending=True)]

    assert {b"old", b"oldA", b"oldAB", b"old\0B"} <= left_of("d/file", operations)


def test_a_cut_may_be_lost_while_the_write_after_it_is_not() -> None:
    operations = [Open("d/file", 1), Cut(1, 1), Write(1, 1, b"N", appending=True)]

    assert left_of("d/file", operations) == {b"old", b"o", b"oN", b"oNd", b"o\0", b"o\0d"}


def test_a_cut_may_lengthen_a_file() -> None:
    assert left_of("d/file", [Open("d/file", 1), Cut(1, 5), SyncFile(1)]) == {b"old\0\0"}


def test_nothing_below_a_directory_is_there_before_its_own_name_is() -> None:
    operations = [
        MakeDirectory("d/new"),
        Create("d/new/file", 1, MODE),
        Write(1, 0, b"data", appending=False),
        SyncFile(1),
        SyncDirectory("d/new"),
    ]

    assert left_of("d/new/file", operations) == {None, b"data"}
    assert left_of("d/new/file", [*operations, SyncDirectory("d")]) == {b"data"}


def test_a_deleted_file_comes_back_until_its_directory_is_synced() -> None:
    assert left_of("d/file", [Remove("d/file")]) == {b"old", None}
    assert left_of("d/file", [Remove("d/file"), SyncDirectory("d")]) == {None}


def test_a_temporary_file_may_be_left_or_its_rename_be_all_that_is_left() -> None:
    states = list(disk_after(replaced(file_synced=True, directory_synced=False)).states())

    assert {"d": None, "d/.tmp": Leaf(b"new", MODE), "d/file": Leaf(b"old", MODE)} in states
    assert {"d": None, "d/file": Leaf(b"new", MODE)} in states


def test_a_changed_mode_is_durable_with_the_file() -> None:
    changed = [Open("d/file", 1), ChangeMode(1, 0o600)]

    assert {state["d/file"] for state in disk_after(changed).states()} == {Leaf(b"old", 0o640), Leaf(b"old", 0o600)}
    assert list(disk_after([*changed, SyncFile(1)]).states()) == [{"d": None, "d/file": Leaf(b"old", 0o600)}]


def test_two_unsynced_files_vary_independently() -> None:
    operations = [
        Create("d/a", 1, MODE),
        Create("d/b", 2, MODE),
        SyncDirectory("d"),
        Write(1, 0, b"A", appending=False),
        Write(2, 0, b"B", appending=False),
    ]
    found = {(state["d/a"], state["d/b"]) for state in disk_after(operations).states()}

    assert {(a.data, b.data) for a, b in found if a and b} >= {(b"", b""), (b"A", b""), (b"", b"B"), (b"A", b"B")}


def test_of_many_unsynced_names_none_all_and_all_but_each_one_are_states() -> None:
    many = MOST_UNSYNCED_NAMES + 5
    operations = [Create(f"d/{number:02}", number, MODE) for number in range(many)]
    found = {frozenset(state) - set(OLD) for state in disk_after(operations).states()}

    names = {f"d/{number:02}" for number in range(many)}
    assert {frozenset(), frozenset(names), *(frozenset(names - {one}) for one in names)} <= found
    assert {frozenset({one}) for one in names} <= found


def test_a_promise_changes_nothing() -> None:
    assert list(disk_after([Promise(("d",), "somebody")]).states()) == [OLD]


@pytest.mark.parametrize(
    "operation", [Rename("d/file", "file"), SyncDirectory("d/file"), Open("d", 1), Create("d/file/x", 1, MODE)]
)
def test_what_cannot_happen_is_an_error(operation: Operation) -> None:
    with pytest.raises((TypeError, ValueError)):
        Disk(OLD).apply(operation)


@given(st.lists(st.sampled_from(["append", "replace", "remove", "sync file", "sync directory"]), max_size=8))
def test_what_programs_see_and_what_is_durable_are_always_among_the_states(steps: list[str]) -> None:
    """And once everything is synced there is one state, the one that programs see."""
    disk = Disk({"d": None})
    handle, data, there = 0, b"", False
    for number, step in enumerate(steps):
        if step == "replace":
            handle, data = number + 1, b"%d" % number
            new = [Create("d/.tmp", handle, MODE), Write(handle, 0, data, appending=False), Rename("d/.tmp", "d/file")]
            there = True
        elif not there:
            continue
        elif step == "append":
            new = [Write(handle, len(data), b"more", appending=True)]
            data += b"more"
        elif step == "remove":
            new, there = [Remove("d/file")], False
        else:
            new = [SyncFile(handle) if step == "sync file" else SyncDirectory("d")]
        for operation in new:
            disk.apply(operation)
    states = list(disk.states(fine=False))
    assert disk.seen() in states
    assert disk.seen().get("d/file") == (Leaf(data, MODE) if there else None)
    if handle:
        disk.apply(SyncFile(handle))
    disk.apply(SyncDirectory("d"))
    if disk.settled:
        assert list(disk.states()) == [disk.seen()]
    else:  # a file that was replaced before it was synced: nobody can reach it any more
        assert {repr(state) for state in disk.states()} == {repr(disk.seen())}
