"""Two ledgers against each other: a fork is found wherever it is, and a ledger that merely grew is none."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import Desk, listed, snapshot
from wheel_admin.ledger_report.forks import compare


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    with Desk(tmp_path_factory.mktemp("desk")) as desk:
        desk.session.adopt(listed(snapshot()))
        for _ in range(3):
            desk.spin()
        return Path(desk.path).read_bytes()


def test_a_ledger_and_itself_are_the_same(ledger: bytes) -> None:
    verdict = compare(ledger, ledger)
    assert (verdict.relation, verdict.forked, verdict.common) == ("same", False, 10)


@given(st.data())
def test_a_ledger_that_grew_is_no_fork(ledger: bytes, data: st.DataObject) -> None:
    lines = ledger.splitlines(keepends=True)
    kept = data.draw(st.integers(0, len(lines) - 1))
    torn = lines[kept][: data.draw(st.integers(0, len(lines[kept]) - 1))]
    for verdict in (compare(b"".join(lines[:kept]) + torn, ledger), compare(ledger, b"".join(lines[:kept]) + torn)):
        assert verdict.relation == "one goes on from the other"
        assert verdict.common == kept
        assert not verdict.forked


@given(st.data())
def test_a_fork_is_found_at_its_first_record(ledger: bytes, data: st.DataObject) -> None:
    lines = ledger.splitlines(keepends=True)
    at = data.draw(st.integers(1, len(lines) - 1))
    other = [*lines[:at], lines[at].replace(b"2026", b"2027", 1), *lines[at + 1 :]]
    verdict = compare(ledger, b"".join(other))

    assert (verdict.relation, verdict.forked, verdict.common) == ("fork", True, at)


def test_what_each_drew_after_the_fork_is_named(ledger: bytes) -> None:
    lines = ledger.splitlines(keepends=True)
    verdict = compare(ledger, b"".join(lines[:4]) + lines[5])

    assert [spin.split()[0] for spin in verdict.ours.spins] == ["2", "3"]
    assert verdict.theirs.records == 1


def test_ledgers_of_two_kiosks_have_nothing_in_common(ledger: bytes) -> None:
    assert compare(ledger, ledger.replace(b"2026", b"2027")).relation == "nothing in common"
