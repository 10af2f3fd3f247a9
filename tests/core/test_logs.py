import io
import json
import logging

import pytest

from core import logs


@pytest.fixture
def lines(settings):
    """What a logger writes, after `configure(level, format)`."""

    def configure(level, log_format):
        logs.configure(logs.logging_settings(level, log_format))
        handler = logging.getLogger().handlers[0]
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(stream)
        return stream

    stream = io.StringIO()
    yield configure
    logs.configure(settings.LOGGING)


def test_json_lines_carry_event_level_and_fields(lines):
    out = lines("info", "json")
    logging.getLogger("jobs.claims").info("claimed", extra={"item": 7})
    logging.getLogger("celery.worker").error("lost %s", "broker")

    ours, theirs = (json.loads(line) for line in out.getvalue().splitlines())
    assert (ours["event"], ours["level"], ours["item"]) == ("claimed", "info", 7)
    assert theirs["event"] == "lost broker"
    assert ours["timestamp"].endswith("Z")


def test_libraries_are_quiet_below_warning(lines):
    out = lines("info", "console")
    logging.getLogger("urllib3").info("connection opened")
    logging.getLogger("scanner").debug("detail")

    assert out.getvalue() == ""


def test_level_debug_shows_ours(lines):
    out = lines("debug", "console")
    logging.getLogger("scanner").debug("detail", extra={"path": "/tv"})

    assert "detail" in out.getvalue()
    assert "path=/tv" in out.getvalue()


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_a_traceback_never_shows_local_variables(lines, log_format):
    out = lines("info", log_format)
    api_key = "canary-5f1c"
    try:
        raise ValueError(f"with a key of {len(api_key)} characters")
    except ValueError:
        logging.getLogger("scanner").exception("failed")

    assert "ValueError: with a key of 11 characters" in out.getvalue()
    assert "canary-5f1c" not in out.getvalue()
