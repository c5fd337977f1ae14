"""Fixtures of the tests of the intake."""

from pathlib import Path

import pytest


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / "snapshots"
    path.mkdir()
    return path
