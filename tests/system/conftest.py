"""Fixtures of the tests of the system app."""

from tests.jobs.conftest import scripted

__all__ = ["scripted"]
