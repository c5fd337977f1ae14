"""Every rule of the protocol: one history that keeps it is SIGNED, one that breaks it is BROKEN."""

from pathlib import Path

import pytest

from tests.verify import stories_of_claims, stories_of_lists, stories_of_spins
from tests.verify.history import History
from tests.verify.judge import judge

HONEST = stories_of_lists.HONEST | stories_of_spins.HONEST | stories_of_claims.HONEST
BROKEN = stories_of_lists.BROKEN | stories_of_spins.BROKEN | stories_of_claims.BROKEN


def test_no_two_stories_have_one_name() -> None:
    rooms = (stories_of_lists, stories_of_spins, stories_of_claims)
    assert sum(len(room.HONEST) for room in rooms) == len(HONEST)
    assert sum(len(room.BROKEN) for room in rooms) == len(BROKEN)


@pytest.mark.slow
@pytest.mark.parametrize("claim", HONEST)
def test_a_history_that_keeps_every_rule_is_signed(claim: str, tmp_path: Path) -> None:
    story = HONEST[claim]()
    if not isinstance(story, History):
        pytest.fail(f"{claim} is not a history")
    judged = judge(story, tmp_path)
    assert (judged.word, judged.why) == ("SIGNED", "")
    assert judged["signed up to"] == len(story.lines)


@pytest.mark.slow
@pytest.mark.parametrize("claim", BROKEN)
def test_a_history_that_breaks_a_rule_is_broken(claim: str, tmp_path: Path) -> None:
    build, why = BROKEN[claim]
    story = build()
    assert isinstance(story, History)
    story.checkpoint()
    judged = judge(story, tmp_path)
    assert (judged.word, judged.status) == ("BROKEN", 1)
    assert why in judged.why
