"""The state machine: its table lists everything that can happen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.errors import IllegalTransition
from kiosk.machine import TRANSITIONS, Effect, Event, Machine, State

PAIRS = [(state, event) for state in State for event in Event]
every_pair = pytest.mark.parametrize(("state", "event"), PAIRS, ids=lambda value: value.name)


def machine_in(state: State) -> Machine:
    machine = Machine()
    machine.state = state
    return machine


def test_a_machine_begins_idle() -> None:
    assert Machine().state is State.IDLE


@every_pair
def test_every_pair_is_in_the_table_or_raises_naming_both_and_stays(state: State, event: Event) -> None:
    machine = machine_in(state)

    if (state, event) in TRANSITIONS:
        target, effects = TRANSITIONS[state, event]
        assert machine.handle(event) == effects
        assert machine.state is target
    else:
        with pytest.raises(IllegalTransition, match=f"{event.name} cannot happen while {state.name}"):
            machine.handle(event)
        assert machine.state is state


def test_the_table_is_the_one_of_the_design() -> None:
    changes = {(state.name, event.name, target.name) for (state, event), (target, _) in TRANSITIONS.items()}

    assert {change for change in changes if change[0] != change[2]} == {
        ("IDLE", "SPIN_REQUESTED", "SPINNING"),
        ("IDLE", "SPIN_RESUMED", "SPINNING"),
        ("SPINNING", "SPIN_REFUSED", "IDLE"),
        ("SPINNING", "PLAN_DONE", "SETTLING"),
        ("SETTLING", "SETTLED", "IDLE"),
    }


@pytest.mark.parametrize("state", [State.SPINNING, State.SETTLING])
def test_a_press_while_the_wheel_turns_or_settles_does_nothing(state: State) -> None:
    machine = machine_in(state)

    assert [machine.handle(Event.SPIN_REQUESTED) for _ in range(100)] == [()] * 100
    assert machine.state is state


@pytest.mark.parametrize("state", [State.SPINNING, State.SETTLING])
def test_a_new_list_waits_while_the_wheel_turns_or_settles(state: State) -> None:
    machine = machine_in(state)

    assert machine.handle(Event.LIST_READY) == ()
    assert machine.state is state


def test_a_list_is_adopted_in_idle_only() -> None:
    adopting = {state for (state, _), (_, effects) in TRANSITIONS.items() if Effect.ADOPT in effects}

    assert adopting == {State.IDLE}


def test_one_spin_from_press_to_idle() -> None:
    machine = Machine()

    effects = [machine.handle(event) for event in (Event.SPIN_REQUESTED, Event.PLAN_DONE, Event.SETTLED)]

    assert effects == [(Effect.DECIDE_AND_SPIN,), (Effect.RECORD_SHOWN, Effect.SHOW_RESULT), ()]
    assert machine.state is State.IDLE


def test_the_result_is_recorded_before_it_is_shown() -> None:
    _, effects = TRANSITIONS[State.SPINNING, Event.PLAN_DONE]

    assert effects.index(Effect.RECORD_SHOWN) < effects.index(Effect.SHOW_RESULT)


@given(st.lists(st.sampled_from(list(Event)), max_size=50))
def test_whatever_happens_no_spin_begins_before_the_last_one_has_settled(events: list[Event]) -> None:
    machine, turning = Machine(), False
    for event in events:
        try:
            effects = machine.handle(event)
        except IllegalTransition:
            continue
        if Effect.DECIDE_AND_SPIN in effects or Effect.RESUME_SPIN in effects:
            assert not turning
            turning = True
        turning = turning and event not in {Event.SETTLED, Event.SPIN_REFUSED}
        assert turning == (machine.state is not State.IDLE)
