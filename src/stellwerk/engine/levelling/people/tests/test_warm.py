"""Making ready: small problems are planned without the compiler until it is, and by it afterwards."""

from __future__ import annotations

import pytest

from stellwerk.engine.levelling.people import compiler_installed, kernel, state, warm_up


def test_small_problems_wait_for_no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "ready", False)
    assert state.steps(None, state.COMPILED_FROM - 1) is kernel


@pytest.mark.skipif(not compiler_installed(), reason="extra solver")
def test_afterwards_every_problem_takes_the_compiled_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "ready", False)
    assert warm_up()
    assert state.steps(None, 1) is not kernel


def test_without_the_extra_nothing_is_made_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "ready", False)
    monkeypatch.setattr(state, "compiler_installed", lambda: False)
    assert not warm_up() and not state.ready
    assert state.steps(None, 10 * state.COMPILED_FROM) is kernel
