"""Every flipped byte and every dropped, doubled or swapped record of one evening is found.

`python -m tests.verify.every_byte` does the same with random evenings of the real kiosk.
"""

import functools
import random
from collections import Counter
from collections.abc import Iterator
from unittest import mock

import pytest

from tests.verify.every_byte import Judge, missed
from tests.verify.history import KIOSK, ORGANISER, History
from tests.verify.list_parts import entries, prize
from tests.verify.manipulations import Files
from tests.verify.page_in_node import verifier_says
from verify import verify_draw


def story() -> History:
    made = History().begin(entries=entries(3), prizes=[prize("mugs", 1, 1)], entropy=["dice"])
    made.entropy("dice:3.1.6")
    made.press()
    made.claim("mugs", 1, "absent")
    return made


def judge(files: Files) -> dict[str, object]:
    report: dict[str, object] = verifier_says(files, kiosk=[KIOSK.id], organiser=[ORGANISER.id])["report"]
    return report


def missed_by(judge: Judge) -> Iterator[str]:
    with mock.patch.object(verify_draw, "signature_holds", functools.lru_cache(1 << 14)(verify_draw.signature_holds)):
        yield from missed(story().files_of_home(), judge, random.Random(1), Counter())  # noqa: S311


@pytest.mark.slow
def test_every_changed_byte_and_record_is_found() -> None:
    assert list(missed_by(judge)) == []


def test_a_change_that_is_not_found_would_be_told() -> None:
    report = judge(story().files_of_home())
    assert next(missed_by(lambda _: report), "") == "kiosk/ledger.jsonl byte 0: SIGNED up to record 6, event open"
