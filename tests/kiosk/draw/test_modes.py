"""Which spins are drawn and which are set: a function of the spin's number alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.draw.modes import Fixed, Mixed, Natural, Spins, Step, Turn, fixed_steps, turn_for

A, B = Fixed("A", "rehearsal"), Fixed("B", "notary")
steps = st.lists(st.sampled_from([Natural(), A, B]), min_size=1, max_size=9).map(tuple)


@given(st.integers(1, 20_000))
def test_every_spin_of_a_natural_list_is_natural(spin: int) -> None:
    assert turn_for(Natural(), spin) == Turn(Natural(), None)


@given(st.integers(1, 20_000))
def test_every_spin_of_a_fixed_list_is_that_step_without_a_position(spin: int) -> None:
    assert turn_for(A, spin) == Turn(A, None)


@given(steps, st.sampled_from(["natural", "repeat", "stop"]))
def test_a_mixed_list_goes_through_its_steps_in_order(listed: tuple[Step, ...], then: str) -> None:
    spins = Mixed(listed, then)  # type: ignore[arg-type]

    turns = [turn_for(spins, spin) for spin in range(1, len(listed) + 1)]

    assert turns == [Turn(step, position) for position, step in enumerate(listed, start=1)]


@given(steps, st.integers(1, 100))
def test_after_the_steps_natural_means_natural_without_a_position(listed: tuple[Step, ...], beyond: int) -> None:
    assert turn_for(Mixed(listed, "natural"), len(listed) + beyond) == Turn(Natural(), None)


@given(steps, st.integers(1, 100))
def test_after_the_steps_stop_means_no_spin(listed: tuple[Step, ...], beyond: int) -> None:
    assert turn_for(Mixed(listed, "stop"), len(listed) + beyond) is None


@given(steps, st.integers(1, 100))
def test_after_the_steps_repeat_begins_again_with_the_first(listed: tuple[Step, ...], spin: int) -> None:
    spins = Mixed(listed, "repeat")

    assert turn_for(spins, spin) == turn_for(spins, spin + len(listed))


@pytest.mark.parametrize(
    ("spins", "fixed"),
    [
        (Natural(), ()),
        (A, (A,)),
        (Mixed((Natural(), A, Natural(), B, A), "stop"), (A, B, A)),
        (Mixed((Natural(),), "repeat"), ()),
    ],
    ids=["natural", "fixed", "mixed", "mixed without fixed"],
)
def test_fixed_steps_are_all_of_them_in_order(spins: Spins, fixed: tuple[Fixed, ...]) -> None:
    assert fixed_steps(spins) == fixed
