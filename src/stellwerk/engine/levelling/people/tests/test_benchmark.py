"""The benchmark of a portfolio on a small one: what it says, and the same portfolio in TaskJuggler's words."""

from __future__ import annotations

import json
import shutil
from types import ModuleType
from typing import Any

import pytest

from stellwerk.engine.levelling.people import solve

SMALL = ["--projects", "3", "--activities", "5", "--people", "8", "--seconds", "0.2", "--json"]


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Not compiled: that takes longer than all of it."""
    module = pytest.importorskip("benchmarks.levelling_portfolio")
    monkeypatch.setattr(module, "compiler_installed", lambda: False)
    result: ModuleType = module
    return result


def report(benchmark: ModuleType, capsys: Any, *more: str) -> dict[str, Any]:
    assert benchmark.main([*SMALL, *more]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_what_it_says(benchmark: ModuleType, capsys: Any) -> None:
    found = report(benchmark, capsys, "--no-peer")
    assert (found["activities"], found["feasible"]) == (15, True)
    assert found["curve"][-1]["weighted_days_late"] >= found["bound_days"]
    values = [one["weighted_days_late"] for one in found["curve"]]
    assert values == sorted(values, reverse=True)
    assert "taskjuggler" not in found


def test_without_taskjuggler_it_says_so(benchmark: ModuleType, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert benchmark.main(SMALL) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["taskjuggler"] == {"skipped": "tj3 is not installed"}
    assert "tj3" in said.err


@pytest.mark.skipif(shutil.which("tj3") is None, reason="tj3 is not installed")
def test_taskjuggler_plans_the_same_portfolio(benchmark: ModuleType, capsys: Any) -> None:
    found = report(benchmark, capsys)
    assert found["taskjuggler"]["last_day"] > 0
    assert found["taskjuggler"]["weighted_days_late"] >= found["bound_days"]


def test_the_portfolio_is_the_same_for_the_same_numbers(benchmark: ModuleType) -> None:
    plans = [solve(benchmark.portfolio(2, 10, 8, seed)) for seed in (1, 1, 2)]
    assert plans[0].start.tolist() == plans[1].start.tolist()
    assert plans[0].start.tolist() != plans[2].start.tolist()


@pytest.mark.parametrize("given", [["--people", "7"], ["--projects", "0"], ["--activities", "x"]])
def test_numbers_that_make_no_portfolio_are_refused(benchmark: ModuleType, capsys: Any, given: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        benchmark.main(given)
    assert stopped.value.code == 2
    assert "is not a whole number from" in capsys.readouterr().err
