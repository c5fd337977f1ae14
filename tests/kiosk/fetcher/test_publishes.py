"""Some of the publishes that `python -m tests.kiosk.fetcher.publishes` makes a thousand of."""

from pathlib import Path

import pytest

from tests.kiosk.fetcher.proxy import Fault
from tests.kiosk.fetcher.publishes import deliver


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts handles in /proc")
def test_lists_arrive_through_half_open_connections_and_clocks_that_jump(tmp_path: Path) -> None:
    found = deliver(tmp_path / "home", 20, seed=15)

    assert found.arrived == 20
    assert found.jumps > 0
    assert set(found.faults) == set(Fault)
    first, last = found.held[0], found.held[-1]
    assert last[0] <= first[0] + 2
    assert last[1] <= first[1] + 4
