"""The stores of `tests.support.stores` for every suite here that asks for `db`."""

from tests.support.stores import *  # noqa: F403 - fixtures are found by their names
