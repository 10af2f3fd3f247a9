"""No secret gets into a log line."""

from __future__ import annotations

import io
import logging

import pytest

from core import logs, masking
from core.masking import masked, remember
from core.secrets import Secret, seal


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("X-Api-Key: 0123456789abcdef", "X-Api-Key: ****"),
        ("GET /api?apikey=0123456789&x=1", "GET /api?apikey=****&x=1"),
        ("{'password': 'hunter2'}", "{'password': '****'}"),
        ("Authorization: Bearer abc.def.ghi", "Authorization: ****"),
        ("postgresql://me:secret@host:5432/db", "postgresql://****@host:5432/db"),
        ("redis://:secret@host:6379/0", "redis://****@host:6379/0"),
        ("key tgr_AbCdEf123456 was used", "key **** was used"),
        ("token gAAAAABabcdefghijklmnopqrstuvwxyz0123== is stored", "token **** is stored"),
        ("The API key is empty: copy it anew.", "The API key is empty: copy it anew."),
        ("http://nas:8989/sonarr answered 500", "http://nas:8989/sonarr answered 500"),
        ("token=****", "token=****"),
    ],
)
def test_what_looks_like_a_secret_is_masked(line, expected):
    assert masked(line) == expected


def test_a_secret_that_was_decrypted_is_masked_wherever_it_turns_up():
    token = seal("a-key-of-sonarr-9", "here")
    masking._seen.clear()
    assert masked("a-key-of-sonarr-9") == "a-key-of-sonarr-9"
    Secret(token, "here").reveal()
    assert masked("sent a-key-of-sonarr-9 to sonarr") == "sent **** to sonarr"


def test_the_tokens_of_an_address_are_masked_too():
    remember("tgram://123456789:ABCdefGHIjklMNOpqrstUVwxyz012345678/-100/")
    line = "POST https://api.telegram.org/botABCdefGHIjklMNOpqrstUVwxyz012345678/sendMessage"
    assert masked(line) == "POST https://api.telegram.org/bot****/sendMessage"


def test_short_values_are_no_secrets():
    remember("dub")
    assert masked("dub") == "dub"


def test_memory_of_secrets_is_bounded():
    for number in range(masking.MOST * 2):
        remember(f"secret-number-{number}")
    assert len(masking._seen) <= masking.MOST + 2


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_lines_and_tracebacks_of_every_logger_are_masked(log_format, settings):
    remember("very-secret-value")
    stream = io.StringIO()
    logs.configure(logs.logging_settings("info", log_format))
    try:
        handler = logging.getLogger().handlers[0]
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(stream)
        try:
            raise ValueError("very-secret-value")
        except ValueError:
            logging.getLogger("some.library").exception("failed with %s", "very-secret-value")
        logging.getLogger("jobs").info("ours", extra={"header": "very-secret-value"})
    finally:
        logs.configure(settings.LOGGING)
    out = stream.getvalue()
    assert "very-secret-value" not in out
    assert out.count("****") >= 3
    assert "Traceback" in out
