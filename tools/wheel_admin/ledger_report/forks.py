"""Compares two ledgers: does one go on from the other, or do they contradict each other?

Invariant: pure; bytes in, a verdict out. A fork is two different records with the same number. Each ledger alone can be
without fault: only together do they show that two kiosks went on from the same records.
"""

from typing import Literal

import msgspec

from kiosk.core.errors import LedgerBroken
from kiosk.ledger.record import Result, hash_of, parse

Relation = Literal["same", "one goes on from the other", "fork", "nothing in common"]


class Branch(msgspec.Struct, frozen=True):
    """One ledger after the last common record: how many records, which spins, its head."""

    records: int
    spins: tuple[str, ...]
    head: str


class Verdict(msgspec.Struct, frozen=True):
    """How two ledgers relate.

    Attributes:
        common: records that both have.
        ours, theirs: what each has beyond them.
    """

    relation: Relation
    common: int
    ours: Branch
    theirs: Branch

    @property
    def forked(self) -> bool:
        """Whether they contradict each other."""
        return self.relation in {"fork", "nothing in common"}


def compare(ours: bytes, theirs: bytes) -> Verdict:
    """Compare two ledgers, given as their files' bytes. A last line without LF is not counted: it was being written."""
    left, right = ours.split(b"\n")[:-1], theirs.split(b"\n")[:-1]
    common = next(
        (at for at, (one, other) in enumerate(zip(left, right, strict=False)) if one != other),
        min(len(left), len(right)),
    )
    relation: Relation = "fork" if common else "nothing in common"
    if common == len(left) == len(right):
        relation = "same"
    elif common in {len(left), len(right)}:
        relation = "one goes on from the other"
    return Verdict(relation, common, _branch(left, common), _branch(right, common))


def _branch(lines: list[bytes], common: int) -> Branch:
    spins = []
    for line in lines[common:]:
        try:
            body = parse(line).body
        except LedgerBroken:  # judging a single ledger is the verifier's work
            continue
        if isinstance(body, Result):
            spins.append(f"{body.spin} {' '.join(body.winners)}")
    return Branch(len(lines) - common, tuple(spins), hash_of(lines[-1]) if lines else "")
