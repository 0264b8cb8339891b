"""The readers of published instances: what they read, and that no file makes them fail without saying where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from benchmarks import instances, levelling, levelling_table
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk.engine.levelling import Budget, Problem, level
from stellwerk.engine.levelling.tests import slow
from stellwerk.trials import tries

HOUSE = "5 2\n3 2\n0 0 0 2 2 3\n3 1 0 1 4\n4 0 2 1 4\n2 3 1 1 5\n0 0 0 0\n"
PROJECTS = "2\n1\n4\n3 0\n1\n0 0 1 1:2\n5 3 1 1:3\n0 0 0\n3 2\n1\n0 0 1 2:2\n4 2 1 2:3\n0 0 0\n"
TABLE = {"mp_j30_a2_nr5": {"dur": [3, 2], "rel": [0, 1], "dem": [[1], [1]], "pred": [[], [[0, 2]]], "cap": [1]}}


def written(folder: Path, text: str, name: str = "one_1.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_patterson(tmp_path: Path) -> None:
    problem = instances.read_patterson(written(tmp_path, HOUSE))
    assert problem.activities.duration.tolist() == [0, 3, 4, 2, 0]
    assert list(zip(problem.links.predecessor.tolist(), problem.links.successor.tolist(), strict=True)) == [
        (0, 1), (0, 2), (1, 3), (2, 3), (3, 4),
    ]  # fmt: skip
    assert level(problem, budget=Budget(20), compiled=False).objective == 6


def test_several_projects_with_release(tmp_path: Path) -> None:
    problem = instances.read_mplib(written(tmp_path, PROJECTS))
    assert problem.activities.project.tolist() == [0, 0, 0, 1, 1, 1]
    assert problem.projects.release.tolist() == [0, 2]
    # Demands of 3 and 2 do not fit side by side into 4: 5 units, then 4.
    assert level(problem, budget=Budget(20), compiled=False).objective == 9


def test_a_table_with_lags(tmp_path: Path) -> None:
    written(tmp_path, json.dumps(TABLE), "mpsplib.json")
    written(tmp_path, "instance;total_makespan;seconds\nmp_j30_a2_nr5;8;1\n", "msproject_results.csv")
    (found,) = instances.mpsplib(tmp_path)
    assert (found.name, found.reference) == ("mp_j30_a2_nr5", 8.0)
    assert level(found.problem, budget=Budget(20), compiled=False).start.tolist() == [0, 5]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "ends where the number of activities"),
        ("2 1\n4\n1 1 1 2\n", "ends where duration of activity 2"),
        ("1 1\n4\n1 x 0\n", "'x', not a whole number"),
        ("1 1\n4\n-1 1 0\n", "'-1', not a whole number"),
        ("1 1\n4\n1 1 0 7\n", "'7' stands after the end"),
        ("2 1\n4\n1 1 1 3\n1 1 0\n", "a successor of activity 1 is 3, not between 1 and 2"),
        ("2 1\n4\n1 1 1 2\n1 1 1 1\n", "cycle"),
        ("1 1\n4\n1 5 0\n", "demand above capacity"),
        ("1 1\n0\n1 5 0\n", "no capacity"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(instances.InstanceError, match=r"one_1\.txt") as caught:
        instances.read_patterson(written(tmp_path, text))
    assert said in str(caught.value)


TOKENS = st.sampled_from(["0", "1", "2", "3", "-1", "9999999999", "1:2", "2:9", ":", "x", "²", "1_0", "\x00", "1.5"])


@settings(max_examples=tries(150, 50), deadline=None)
@given(
    st.sampled_from([HOUSE, PROJECTS]), st.lists(st.tuples(st.integers(0, 40), TOKENS), max_size=3), st.integers(0, 60)
)
def test_a_damaged_file_is_read_or_refused(
    tmp_path_factory: Any, base: str, changes: list[tuple[int, str]], end: int
) -> None:
    words = base.split()
    for at, word in changes:
        words[at % len(words)] = word
    path = written(tmp_path_factory.mktemp("damaged"), " ".join(words[: max(end, 1)] if end < 20 else words))
    for reader in (instances.read_patterson, instances.read_mplib):
        try:
            problem = reader(path)
        except instances.InstanceError as error:
            assert path.name in str(error)
        else:
            assert isinstance(problem, Problem)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 9) | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["dur", "rel", "dem", "pred", "cap"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@settings(max_examples=tries(100, 40), deadline=None)
@given(ANY, st.sampled_from(["dur", "rel", "dem", "pred", "cap", None]))
def test_a_damaged_table_is_read_or_refused(tmp_path_factory: Any, value: Any, column: str | None) -> None:
    one = value if column is None else {**TABLE["mp_j30_a2_nr5"], column: value}
    folder = tmp_path_factory.mktemp("table")
    written(folder, json.dumps({"x": one}), "mpsplib.json")
    try:
        found = instances.mpsplib(folder)
    except instances.InstanceError:
        return
    assert isinstance(found[0].problem, Problem)


@settings(max_examples=tries(60, 25), deadline=None)
@given(slow.problems())
def test_what_is_written_is_read_back(tmp_path_factory: Any, problem: Problem) -> None:
    tasks, after = problem.activities, [[] for _ in range(len(problem.activities))]  # type: list[Any]
    for a, b in zip(problem.links.predecessor.tolist(), problem.links.successor.tolist(), strict=True):
        after[a].append(b + 1)
    lines = [[len(tasks), len(problem.resources)], problem.resources.capacity.tolist()]
    for row in range(len(tasks)):
        lines.append([int(tasks.duration[row]), *problem.demand[row].tolist(), len(after[row]), *after[row]])
    text = "\n".join(" ".join(str(number) for number in line) for line in lines)
    found = instances.read_patterson(written(tmp_path_factory.mktemp("back"), text))
    assert found.activities.duration.tolist() == tasks.duration.tolist()
    assert found.demand.tolist() == problem.demand.tolist()
    assert found.resources.capacity.tolist() == problem.resources.capacity.tolist()
    assert sorted(zip(found.links.predecessor.tolist(), found.links.successor.tolist(), strict=True)) == sorted(
        zip(problem.links.predecessor.tolist(), problem.links.successor.tolist(), strict=True)
    )


def test_the_command_prints_what_it_measured(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "J30").mkdir()
    written(tmp_path / "J30", HOUSE, "J30_1.txt")
    written(tmp_path, "problem,category,instance,bks\nRCPSP,J30,J30_1.txt,6\n", "bks.csv")
    assert levelling.main(["psplib", str(tmp_path), "--set", "J30", "--schedules", "20", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["set"], report["instances"], report["schedules"], report["feasible"]) == ("J30", 1, 20, 1)
    assert (report["mean_gap_best_known"], report["mean_dev_critical_path"]) == (0.0, 0.0)
    assert {"cpu_seconds", "wall_seconds"} <= report.keys()


def test_the_command_refuses_what_is_not_there(tmp_path: Path, capsys: Any) -> None:
    assert levelling.main(["mplib1", str(tmp_path / "none")]) == 2
    assert "no instances" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        levelling.main(["psplib", str(tmp_path), "--schedules", "0"])
    assert "whole number from 1" in capsys.readouterr().err


def test_the_table_goes_on_where_it_was_broken_off(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "J30").mkdir()
    written(tmp_path / "J30", HOUSE, "J30_1.txt")
    written(tmp_path, "problem,category,instance,bks\nRCPSP,J30,J30_1.txt,6\n", "bks.csv")
    asked = [
        "--psplib",
        str(tmp_path),
        "--sets",
        "J30",
        "--schedules",
        "20,30",
        "--seconds",
        "",
        "--out",
        str(tmp_path / "out.json"),
    ]
    assert levelling_table.main([*asked, "--list"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "J30, 20 schedules, all: by schedules", "J30, 30 schedules, all: by schedules",
    ]  # fmt: skip
    assert levelling_table.main(asked) == 0
    assert capsys.readouterr().out.count("\n") == 2
    assert list(json.loads((tmp_path / "out.json").read_text())) == ["J30, 20 schedules, all", "J30, 30 schedules, all"]
    assert levelling_table.main(asked) == 0
    assert capsys.readouterr().out == "", "nothing is measured twice"
