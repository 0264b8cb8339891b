"""``stellwerk import portfolio``: exit status, JSON, dry run, permissions, words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stellwerk.core.commandline import run
from stellwerk.portfolio.models import Portfolio, Project
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db

LIST = (
    "Projektnummer;Projektname;Ampel;Endtermin\nP-1;Neubau Halle 7;rot;30.06.2028\nP-2;Leitstand Nord;grün;31.12.2027\n"
)


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command on a text; returns exit status, JSON (if any), standard output and error."""
    from django.db import connections

    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    monkeypatch.setattr(connections, "close_all", lambda: None)

    def call(text: str | bytes | None, *options: str, name: str = "liste_2026-10-31.csv") -> tuple[int, Any, str, str]:
        path = tmp_path / name
        if text is not None:
            path.write_bytes(text.encode() if isinstance(text, str) else text)
        status = run(["import", "portfolio", str(path), *options])
        out, err = capsys.readouterr()
        return status, json.loads(out) if out.startswith("{") else None, out, err

    return call


def test_a_good_file_goes_in_with_exit_status_0_and_exactly_these_keys(command: Any) -> None:
    status, told, _out, err = command(LIST, "--portfolio", "NEU", "--json")
    assert (status, err) == (0, "")
    assert told == {
        "projects": 2,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "statuses": 2,
        "unsure": [],
        "rejected": [],
    }
    assert Portfolio.objects.get(key="NEU").projects.count() == 2
    status, told, _out, _err = command(LIST, "--portfolio", "NEU", "--json", "--yes")
    assert status == 0 and (told["created"], told["updated"], told["unchanged"], told["statuses"]) == (0, 0, 2, 0)


def test_rejections_give_exit_status_1_and_name_row_column_value_reason(command: Any) -> None:
    status, told, _out, _err = command(LIST.replace("31.12.2027", "bald mal"), "--portfolio", "NEU", "--json")
    assert status == 1
    assert told["rejected"] == [
        {"row": 3, "column": "Endtermin", "value": "bald mal", "reason": "“bald mal” is not a date"}
    ]
    assert Project.objects.count() == 2


def test_a_doubt_about_the_unit_is_said_beside_the_json(command: Any) -> None:
    """Nobody may notice only on the board that this edition counts in millions."""
    head = "Projektnummer;Projektname;Budget\n"
    command(head + "P-1;Halle;26.000.000 €\nP-2;Dach;4.500.000 €\n", "--portfolio", "NEU", name="a_2026-09-30.csv")
    status, told, out, err = command(
        head + "P-1;Halle;26,5\nP-2;Dach;4,5\n", "--portfolio", "NEU", "--json", name="b_2026-10-31.csv"
    )
    assert status == 0 and told["updated"] == 2
    assert "If they are millions, choose this unit" in err and out.count("\n") <= 1


def test_unsure_projects_give_exit_status_1_and_are_left_out(command: Any) -> None:
    plain = "Projektname;Ampel\nUmbau Leitstand Nord;rot\nDach;grün\n"
    command(plain, "--portfolio", "NEU")
    status, told, _out, _err = command(
        plain.replace("Umbau Leitstand Nord", "Projekt Umbau Leitstand Nord (ULN)"),
        "--portfolio",
        "NEU",
        "--as-of",
        "2026-11-13",
        "--json",
    )
    assert status == 1 and [row["name"] for row in told["unsure"]] == ["Projekt Umbau Leitstand Nord (ULN)"]
    assert Project.objects.count() == 2


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"PK\x03\x04 broken", None])
def test_an_unusable_file_gives_exit_status_2_and_a_clear_word(command: Any, data: bytes | None) -> None:
    status, told, _out, err = command(data, "--portfolio", "NEU", "--json")
    assert status == 2 and told is None and err.strip() and "Traceback" not in err
    assert not Portfolio.objects.exists()


def test_a_dry_run_tells_everything_and_writes_nothing(command: Any) -> None:
    status, told, _out, _err = command(LIST, "--portfolio", "NEU", "--dry-run", "--json")
    assert status == 0 and told["created"] == 2
    assert not Portfolio.objects.exists() and not Project.objects.exists()
    status, _told, out, _err = command(LIST, "--portfolio", "NEU", "--dry-run")
    assert "Dry run" in out and "Overall light" in out and "2 new" in out


def test_as_a_user_the_permission_table_counts(command: Any, cast: Cast) -> None:
    status, _told, _out, err = command(LIST, "--portfolio", "ANLAGEN", "--as", "paul@example.com")
    assert status == 2 and "may not" in err
    assert command(LIST, "--portfolio", "ANLAGEN", "--as", "nobody@example.com")[0] == 2
    assert command(LIST, "--portfolio", "ANLAGEN", "--as", "anton@example.com")[0] == 0


def test_a_mapping_file_decides_and_its_mistakes_are_named(command: Any, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps({"columns": {"Endtermin": "finish_baseline"}, "options": {"currency": "CHF"}}))
    assert command(LIST, "--portfolio", "NEU", "--mapping", str(mapping))[0] == 0
    assert {str(p.finish_baseline) for p in Project.objects.all()} == {"2028-06-30", "2027-12-31"}
    mapping.write_text(json.dumps({"columns": {"Endtermin": "finsih"}}))
    status, _told, _out, err = command(LIST, "--portfolio", "NEU", "--mapping", str(mapping))
    assert status == 2 and "finish" in err
    mapping.write_text("{no json")
    assert command(LIST, "--portfolio", "NEU", "--mapping", str(mapping))[0] == 2


def test_all_or_nothing_writes_nothing_and_says_so(command: Any) -> None:
    status, told, _out, err = command(
        LIST.replace("31.12.2027", "bald mal"), "--portfolio", "NEU", "--all-or-nothing", "--json"
    )
    assert status == 1 and told["created"] == 0 and told["rejected"] and "Nothing has been imported" in err
    assert not Portfolio.objects.exists()
