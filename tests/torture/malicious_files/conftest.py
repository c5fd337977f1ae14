"""The organiser's desk, as the tests of the admin have it."""

from tests.wheel_admin.conftest import _environment, bare, desk, people, reader

__all__ = ["_environment", "bare", "desk", "people", "reader"]
