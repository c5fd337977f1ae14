"""Which spins are drawn and which are predetermined: a function of the spin's number alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.draw.modes import NATURAL, NATURAL_STEP, Spins, Step, Turn, fixed, fixed_step, fixed_steps, mixed, turn_for

A, B = fixed_step("A", "rehearsal"), fixed_step("B", "notary")
steps = st.lists(st.sampled_from([NATURAL_STEP, A, B]), min_size=1, max_size=9).map(tuple)


@given(st.integers(1, 20_000))
def test_every_spin_of_a_natural_list_is_natural(spin: int) -> None:
    assert turn_for(NATURAL, spin) == Turn(NATURAL_STEP, 0)


@given(st.integers(1, 20_000))
def test_every_spin_of_a_fixed_list_is_that_step_without_a_position(spin: int) -> None:
    assert turn_for(fixed("A", "rehearsal"), spin) == Turn(A, 0)


@given(steps, st.sampled_from(["natural", "repeat", "stop"]))
def test_a_mixed_list_goes_through_its_steps_in_order(listed: tuple[Step, ...], then: str) -> None:
    spins = mixed(*listed, then=then)  # type: ignore[arg-type]

    turns = [turn_for(spins, spin) for spin in range(1, len(listed) + 1)]

    assert turns == [Turn(step, position) for position, step in enumerate(listed, start=1)]


@given(steps, st.integers(1, 100))
def test_after_the_steps_natural_means_natural_without_a_position(listed: tuple[Step, ...], beyond: int) -> None:
    assert turn_for(mixed(*listed, then="natural"), len(listed) + beyond) == Turn(NATURAL_STEP, 0)


@given(steps, st.integers(1, 100))
def test_after_the_steps_stop_means_no_spin(listed: tuple[Step, ...], beyond: int) -> None:
    assert turn_for(mixed(*listed, then="stop"), len(listed) + beyond) is None


@given(steps, st.integers(1, 100))
def test_after_the_steps_repeat_begins_again_with_the_first(listed: tuple[Step, ...], spin: int) -> None:
    spins = mixed(*listed, then="repeat")

    assert turn_for(spins, spin) == turn_for(spins, spin + len(listed))


@pytest.mark.parametrize(
    ("spins", "expected"),
    [
        (NATURAL, ()),
        (fixed("A", "rehearsal"), (A,)),
        (mixed(NATURAL_STEP, A, NATURAL_STEP, B, A, then="stop"), (A, B, A)),
        (mixed(NATURAL_STEP, then="repeat"), ()),
    ],
    ids=["natural", "fixed", "mixed", "mixed without fixed"],
)
def test_fixed_steps_are_all_of_them_in_order(spins: Spins, expected: tuple[Step, ...]) -> None:
    assert fixed_steps(spins) == expected
