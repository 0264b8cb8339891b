"""``stellwerk import schedule``, ``export schedule`` and ``check --project`` as people and scripts call them."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from stellwerk.planning.exchange import compare, read_schedule, write_schedule
from stellwerk.planning.exchange.tests.helping import plan as example
from stellwerk.planning.models import Activity, Plan
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "plan.xml"
    path.write_bytes(write_schedule(example(), "mspdi"))
    return path


def run(*arguments: Any, **options: Any) -> str:
    with redirect_stdout(io.StringIO()) as out:
        call_command(*map(str, arguments), **options)
    return out.getvalue()


def test_an_import_prints_its_counts_as_json(cast: Cast, file: Path) -> None:
    told = json.loads(run("import_schedule", file, "--project", cast.project.key, "--json"))
    counts = example().counts()
    assert told["activities"] == counts.activities
    assert (told["milestones"], told["summaries"], told["links"]) == (counts.milestones, counts.summaries, counts.links)
    assert (told["calendars"], told["resources"], told["assignments"]) == (
        counts.calendars,
        counts.resources,
        counts.assignments,
    )
    assert {"start", "finish", "warnings"} <= told.keys()
    assert Activity.objects.filter(plan__project=cast.project).count() == told["changes"]["added"]


def test_a_dry_run_says_the_same_and_writes_nothing(cast: Cast, file: Path) -> None:
    dry = json.loads(run("import_schedule", file, "--project", cast.project.key, "--dry-run", "--json"))
    assert not Plan.objects.exists()
    wet = json.loads(run("import_schedule", file, "--project", cast.project.key, "--json"))
    assert dry == wet


@pytest.mark.parametrize("name", ["plan.xml", "plan.xer", "plan.xlsx", "plan.csv"])
def test_what_is_exported_reads_back_with_all_rows(cast: Cast, file: Path, tmp_path: Path, name: str) -> None:
    run("import_schedule", file, "--project", cast.project.key)
    run("export_schedule", "--project", cast.project.key, "-o", tmp_path / f"out-{name}")
    back = read_schedule(tmp_path / f"out-{name}")
    assert back.counts().activities == example().counts().activities
    assert back.counts().links == example().counts().links
    if name == "plan.xml":
        assert compare(read_schedule(file), back) == ()


@pytest.mark.parametrize(("name", "start"), [("plan.pdf", b"%PDF"), ("plan.svg", b"<")])
def test_the_chart_is_exported(cast: Cast, file: Path, tmp_path: Path, name: str, start: bytes) -> None:
    run("import_schedule", file, "--project", cast.project.key)
    run("export_schedule", "--project", cast.project.key, "-o", tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["import_schedule", "{file}", "--project", "NONE-1"], 2),
        (["import_schedule", "/nowhere.xml", "--project", "{key}"], 2),
        (["import_schedule", "{broken}", "--project", "{key}"], 2),
        (["import_schedule", "{file}", "--project", "{key}", "--as", "nobody@nowhere.example"], 2),
        (["import_schedule", "{file}", "--project", "{key}", "--as", "{tom}"], 1),
        (["export_schedule", "--project", "{key}", "-o", "out.xml"], 2),
        (["check", "--project", "{key}"], 2),
        (["check"], 2),
    ],
)
def test_what_cannot_be_done_is_said_with_a_status(
    cast: Cast, file: Path, tmp_path: Path, arguments: list[str], status: int
) -> None:
    broken = tmp_path / "broken.xml"
    broken.write_bytes(file.read_bytes()[:700])
    words = {"file": file, "key": cast.project.key, "broken": broken, "tom": cast.tom.email}
    with pytest.raises(CommandError) as error:
        run(*(one.format(**words) for one in arguments))
    assert error.value.returncode == status
    assert str(error.value).strip()
    assert not Plan.objects.exists()


def test_an_unknown_ending_is_refused(cast: Cast, file: Path, tmp_path: Path) -> None:
    run("import_schedule", file, "--project", cast.project.key)
    with pytest.raises(CommandError, match=r"\.docx"):
        run("export_schedule", "--project", cast.project.key, "-o", tmp_path / "plan.docx")


def test_a_stored_plan_is_checked_like_its_file(cast: Cast, file: Path) -> None:
    run("import_schedule", file, "--project", cast.project.key)
    told = json.loads(run("check", "--project", cast.project.key, "--json"))
    by_file = json.loads(run("check", file, "--json"))
    assert {one["code"] for one in told["checks"]} == {one["code"] for one in by_file["checks"]}
    assert told["activities"] == by_file["activities"]
