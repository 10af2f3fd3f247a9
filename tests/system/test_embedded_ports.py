import socket

import pytest

from core.errors import ConfigError
from system.embedded import ports


def test_a_held_port_is_refused_to_others_until_it_is_released():
    held = ports.HeldPort()

    with socket.socket() as other:
        with pytest.raises(OSError, match="in use"):
            other.bind((ports.LOOPBACK, held.number))
        held.release()
        other.bind((ports.LOOPBACK, held.number))


def test_the_next_port_is_taken_where_the_preferred_one_listens():
    with socket.create_server((ports.LOOPBACK, 0)) as taken:
        preferred = taken.getsockname()[1]

        with ports.HeldPort(preferred) as held:
            assert preferred < held.number <= preferred + ports.TRIES
        assert ports.next_free_port(preferred) > preferred


def test_a_free_port_is_taken_as_it_is():
    with ports.HeldPort() as held:
        number = held.number

    assert ports.next_free_port(number) == number


def test_no_free_port_is_told(monkeypatch):
    monkeypatch.setattr(ports, "TRIES", 1)
    with socket.create_server((ports.LOOPBACK, 0)) as taken, pytest.raises(ConfigError, match="in use"):
        ports.next_free_port(taken.getsockname()[1])


def test_an_address_that_is_not_ours_is_told():
    with pytest.raises(ConfigError, match=r"Cannot listen on 192\.0\.2\.1"):
        ports.next_free_port(8484, "192.0.2.1")
