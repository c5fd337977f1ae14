"""The histories of these tests have drand rounds that nobody signed: the verifier is told that it cannot check them."""

from collections.abc import Iterator
from unittest import mock

import pytest

from verify import verify_draw


@pytest.fixture(scope="session", autouse=True)
def no_library_for_drand() -> Iterator[None]:
    with mock.patch.object(verify_draw, "drand_text_holds", return_value=None):
        yield
