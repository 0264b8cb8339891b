"""The collector rests where it is asked to, and goes on as it was before."""

from __future__ import annotations

import gc

import pytest

from stellwerk.core.memory import RARELY, load, uncollected


def test_the_collector_rests_and_goes_on_also_after_an_error() -> None:
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), uncollected():
        assert not gc.isenabled()
        raise ZeroDivisionError
    assert gc.isenabled()


def test_one_inside_the_other_does_not_wake_it_too_soon() -> None:
    with uncollected():
        with uncollected():
            pass
        assert not gc.isenabled()


def test_what_a_server_has_frozen_at_its_start_stays_so() -> None:
    frozen = gc.get_freeze_count()
    with uncollected():
        pass
    assert gc.get_freeze_count() == frozen > 0  # the suite has frozen what it has loaded


def test_a_command_is_collected_as_rarely_as_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.setup", lambda: None)  # done long ago
    before = gc.get_threshold()
    try:
        load("json")
        assert gc.get_threshold() == RARELY
    finally:
        gc.set_threshold(*before)
