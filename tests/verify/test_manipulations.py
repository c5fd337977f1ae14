"""2000 generated manipulations of signed histories; `python -m tests.verify.manipulations` makes more."""

import random

import pytest

from tests.verify.manipulations import KINDS, LEDGER, Stock, files_of, manipulated, overrated, try_many, word


def test_the_histories_are_signed_before_they_are_manipulated() -> None:
    stock = Stock()
    assert [word(files)[0] for files in stock.files] == ["SIGNED", "SIGNED"]


@pytest.mark.slow
def test_no_manipulation_is_signed_beyond_what_the_key_signed() -> None:
    words, wrong = try_many(2000, seed=1)
    assert wrong == []
    assert min(words[each] for each in ("BROKEN", "CONSISTENT", "SIGNED", "UNUSABLE")) > 20


def test_every_kind_of_manipulation_is_among_them() -> None:
    stock = Stock()
    done = {kind for number in range(200) for kind in manipulated(stock, random.Random(f"1 {number}"))[0]}  # noqa: S311
    assert done == {kind.__name__ for kind in KINDS}


def test_a_word_too_high_would_be_noticed() -> None:
    stock = Stock()
    files = files_of(stock.stories[0])
    stock.prefixes.pop(next(whole for whole, n in stock.prefixes.items() if n == len(stock.stories[0].lines)))
    assert overrated(stock, files)[1] == "SIGNED, although no kiosk signed this ledger"
    assert LEDGER in files
