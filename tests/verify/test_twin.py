"""The kiosk and the verifier are two implementations of one protocol, and they agree.

`python -m tests.verify.evenings` judges more evenings than these.
"""

import json
import logging
from base64 import b64decode
from pathlib import Path
from unittest import mock

import pytest

from kiosk.core.errors import LedgerBroken, SnapshotError
from kiosk.snapshot.envelope import unsealed
from kiosk.snapshot.model import FORMAT, Snapshot, decode
from tests.support import audit
from tests.verify.evenings import Tally, judge_many
from tests.verify.history import History, sha
from tests.verify.test_rules import BROKEN, HONEST
from verify import verify_draw

EVENINGS = 100
OF_FILES = ("otherwise", "signer")
"""Reasons that are about a request's or a list's file: the kiosk makes the record from that file."""


@pytest.fixture(scope="module")
def tally(tmp_path_factory: pytest.TempPathFactory) -> Tally:
    logging.disable()
    try:
        return judge_many(EVENINGS, 1, tmp_path_factory.mktemp("evenings"), edits=4)
    finally:
        logging.disable(logging.NOTSET)


@pytest.mark.slow
def test_the_verifier_says_the_right_word_of_what_the_kiosk_wrote(tally: Tally) -> None:
    assert tally.wrong == []


@pytest.mark.slow
def test_the_evenings_have_every_kind_of_record(tally: Tally) -> None:
    assert sum(tally.words.values()) == EVENINGS
    assert tally.spins > EVENINGS
    assert len(tally.levels) == 5
    assert set(tally.kinds) == set(verify_draw.RECORDS)
    assert min(tally.words["SIGNED"], tally.words["CONSISTENT"], tally.edited["SIGNED"], tally.edited["BROKEN"]) > 5


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["press", "pool"])
def test_a_difference_between_the_two_would_be_noticed(rule: str, tmp_path: Path) -> None:
    right = getattr(verify_draw.Event, rule)
    wrong = {
        "press": lambda event, prize: right(event, prize)[:1],
        "pool": lambda event, prize: right(event, prize)[::-1],
    }[rule]
    with mock.patch.object(verify_draw.Event, rule, wrong):
        assert judge_many(20, 1, tmp_path, edits=0).wrong


def lists_of(story: History) -> dict[str, Snapshot]:
    found = {}
    for data in story.files.values():
        if b'"wheel-snapshot/2"' in data:
            payload = b64decode(json.loads(data)["payload"])
            try:
                found[sha(payload)] = decode(unsealed(data, payload_types=(FORMAT,)).payload)
            except SnapshotError:
                continue
    return found


@pytest.mark.parametrize("claim", HONEST)
def test_the_kiosk_could_have_written_a_history_that_keeps_every_rule(claim: str) -> None:
    story = HONEST[claim]()
    assert isinstance(story, History)
    audit(story.ledger(), lists_of(story).get)


@pytest.mark.parametrize("claim", [claim for claim, (_, why) in BROKEN.items() if why not in OF_FILES])
def test_the_kiosk_could_not_have_written_a_history_that_breaks_a_rule(claim: str) -> None:
    story = BROKEN[claim][0]()
    assert isinstance(story, History)
    with pytest.raises((LedgerBroken, AssertionError)):
        audit(story.ledger(), lists_of(story).get)
