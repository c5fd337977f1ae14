"""How the process holds memory: nothing is collected while the wheel turns."""

import gc

from kiosk.supervise.memory_tuning import hold_for_motion, release_at_rest


def test_cycles_are_collected_at_rest_and_not_in_motion() -> None:
    try:
        hold_for_motion()
        assert not gc.isenabled()
    finally:
        release_at_rest()
    assert gc.isenabled()
