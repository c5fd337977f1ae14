"""The kiosk and the verifier take the same bytes and refuse the same bytes, in every place where JSON is read."""

import json
from unittest import mock

import pytest

from tests.verify import odd_inputs
from tests.verify.history import canonical
from tests.verify.odd_inputs import Stock, ask_many, wrapped
from verify import verify_draw


@pytest.mark.slow
def test_both_sides_agree_on_every_odd_input() -> None:
    told, differences = ask_many(4000, seed=1)
    assert differences == []
    assert min(told.values()) > 10
    assert len(told) == 6


def test_both_sides_take_every_document_before_it_is_made_odd() -> None:
    stock = Stock()
    for payload in stock.payloads:
        whole = wrapped(canonical(payload), payload["format"])
        assert odd_inputs.kiosk_reads_envelope(whole)
        assert odd_inputs.verifier_reads_envelope(whole)
    assert {payload["format"] for payload in stock.payloads} == set(verify_draw.SIGNED)
    for record in stock.records:
        line = canonical(record)
        assert odd_inputs.kiosk_reads_record(line)
        assert odd_inputs.verifier_reads_record(line)
    assert {record["type"] for record in stock.records} - {"void", "shown"} <= set(verify_draw.RECORDS)


def lax(data: bytes, *, sort_keys: bool = False) -> object:
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError from None


def test_a_reader_that_is_too_lax_would_be_noticed() -> None:
    with mock.patch.object(verify_draw, "read_canonical", lax):
        assert ask_many(300, seed=1)[1]
