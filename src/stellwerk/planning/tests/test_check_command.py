"""``stellwerk check``: the report in words and as JSON, its exit status, and files that cannot be used."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import translation
from tests.realdata import real_data

from stellwerk.core import commandline
from stellwerk.planning.exchange import Document, write_schedule
from stellwerk.planning.exchange.document import Link
from stellwerk.planning.quality import RULES
from stellwerk.planning.tests.example import A, B, C, E, changed, days, example
from stellwerk.planning.tests.test_network import DRIVEN, EARLY_STARTS, PLACED
from stellwerk.planning.tests.test_quality import EXPECTED, a_network_of_forty, sound


def file_of(document: Document, folder: Path, target: str = "mspdi") -> Path:
    path = folder / f"plan.{'xml' if target == 'mspdi' else target}"
    path.write_bytes(write_schedule(document, target))  # type: ignore[arg-type]
    return path


def checked(path: Path, capsys: pytest.CaptureFixture[str], *options: str, language: str = "en") -> tuple[int, str]:
    with translation.override(language):
        status = call_command("check", str(path), *options)
    return int(status), capsys.readouterr().out


def as_json(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    status, text = checked(path, capsys, "--json")
    return status, json.loads(text)


def refusal(path: Path, language: str = "en") -> str:
    with translation.override(language), pytest.raises(CommandError) as caught:
        call_command("check", str(path))
    assert caught.value.returncode == 2
    return str(caught.value)


def test_the_worked_example_out_of_a_file_has_the_results_of_the_paper(tmp_path, capsys):
    status, result = as_json(file_of(example(), tmp_path), capsys)
    assert status == 1
    assert {key: result[key] for key in ("file", "project", "activities", "open", "links")} == {
        "file": "plan.xml", "project": "Hall", "activities": 6, "open": 5, "links": 7,
    }  # fmt: skip
    assert (result["data_date"], result["finish"]) == ("2027-03-08T08:00:00", "2027-06-03T17:00:00")
    for row in result["checks"]:
        names, total, share, passed = EXPECTED[row["code"]]
        assert ([item["name"] for item in row["items"]], row["count"], row["total"]) == (names, len(names), total)
        assert (row["share"], row["pass"]) == (round(float(share), 6), passed), row["code"]


def test_each_check_says_what_it_needs_to_be_understood(tmp_path, capsys):
    _, result = as_json(file_of(example(), tmp_path), capsys)
    assert [row["code"] for row in result["checks"]] == [rule.code for rule in RULES]
    keys = {"code", "severity", "title", "count", "total", "share", "threshold", "at_least", "pass", "reason"}
    for row in result["checks"]:
        assert set(row) == keys | {"explanation", "standard", "items"}
        assert all(set(item) == {"uid", "id", "name", "detail"} for item in row["items"])
    first = result["checks"][0]
    assert (first["severity"], first["threshold"], first["standard"]) == ("critical", 0.05, "DCMA 1; GAO BP 2")
    assert first["items"][0] == {"uid": E, "id": "5", "name": "Opened", "detail": "no successor"}


@pytest.mark.parametrize("target", ["xer", "csv", "xlsx"])
def test_other_formats_are_checked_too(target, tmp_path, capsys):
    status, result = as_json(file_of(example(), tmp_path, target), capsys)
    found = {row["code"]: row for row in result["checks"]}
    assert status == 1
    assert [item["name"] for item in found["PLN001"]["items"]] == ["Opened", "Manual"]
    assert found["PLN002"]["count"] == 1


def test_when_all_pass_the_exit_status_is_zero(tmp_path, capsys):
    status, text = checked(file_of(a_network_of_forty(), tmp_path), capsys)
    assert "No check failed." in text
    assert status == 0


def test_what_fails_is_named_and_explained_in_both_languages(tmp_path, capsys):
    path = file_of(sound(), tmp_path)
    status, english = checked(path, capsys)
    assert status == 1
    assert "PLN001  Missing links: 1 of 4 (25.0\u00a0%), at most 5\u00a0%" in english
    assert "Opened (no successor)" in english
    assert english.rstrip().endswith("1 check failed.")
    _, german = checked(path, capsys, language="de")
    assert "PLN001  Fehlende Verknüpfungen: 1 von 4 (25,0\u00a0%), höchstens 5\u00a0%" in german
    assert "Opened (kein Nachfolger)" in german
    assert german.rstrip().endswith("1 Prüfung nicht bestanden.")


def test_a_long_list_is_cut_on_the_terminal_and_whole_in_json(tmp_path, capsys):
    path = file_of(replace(a_network_of_forty(), links=()), tmp_path)
    _, text = checked(path, capsys)
    assert "… and 31 more" in text
    _, result = as_json(path, capsys)
    assert result["checks"][0]["count"] == len(result["checks"][0]["items"]) == 41


def test_names_of_a_file_cannot_steer_the_terminal(tmp_path, capsys):
    text = file_of(changed(example(), E, name="Evil"), tmp_path, "csv").read_text("utf-8")
    path = tmp_path / "evil.csv"
    path.write_text(text.replace("Evil", "Ev\x1b[31mil"), "utf-8")
    _, shown = checked(path, capsys)
    assert "\x1b" not in shown


def test_links_of_summary_rows_are_found_and_not_refused(tmp_path, capsys):
    summary = changed(changed(sound(), A, summary=True), B, level=2)
    status, result = as_json(file_of(summary, tmp_path), capsys)
    assert status == 1
    assert next(row for row in result["checks"] if row["code"] == "PLN022")["count"] > 0
    assert {"network_summary_link", "link_summary"} <= {row["code"] for row in result["problems"]}


def test_a_link_to_nowhere_is_told_with_its_line_and_fails(tmp_path, capsys):
    path = file_of(a_network_of_forty(), tmp_path)
    text = path.read_text("utf-8")
    path.write_text(text.replace("<PredecessorUID>100<", "<PredecessorUID>999<"), "utf-8")
    status, result = as_json(path, capsys)
    error = next(row for row in result["problems"] if row["severity"] == "error")
    assert (status, error["code"]) == (1, "link_missing")
    assert error["message"].startswith(f"Line {error['line']}: ")
    assert error["line"] > 0
    assert error["advice"]


@pytest.mark.parametrize("name", sorted(DRIVEN | EARLY_STARTS | PLACED))
def test_files_of_real_tools_are_checked(name, capsys):
    status, result = as_json(real_data("schedules", "mpxj", name), capsys)
    assert status == int(any(row["pass"] is False for row in result["checks"]))
    assert result["activities"] == (DRIVEN | EARLY_STARTS | PLACED)[name]
    assert len(result["checks"]) == len(RULES)


# --- files that cannot be used


def test_a_circle_is_named_and_the_file_is_unusable(tmp_path):
    circle = replace(example(), links=(*example().links, Link(C, B)))
    path = file_of(circle, tmp_path)
    assert "2 “Order” → 3 “Build” → 2 “Order”" in refusal(path)
    assert "bilden einen Kreis" in refusal(path, "de")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"\x00\x01\x02" * 50, "not a schedule file"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><Project/>', "document type"),
        (b'<Project xmlns="http://schemas.microsoft.com/project"><Tasks><Task><UID>1', "Line"),
        (b"ERMHDR\t8.4\n%T\tTASK\n%F\ta\tb\n%R\t1\n%E\n", "."),
        (b"ERMHDR\t8.4\n%T\tPROJECT\n%F\tproj_id\n%R\t1\n%T\tTASK\n%F\ttask_id\tpr", "ends in the middle"),
        (b'<Project xmlns="http://schemas.microsoft.com/project"/>', "no activities"),
    ],
)
def test_a_file_that_is_no_schedule_is_refused_in_words(content, words, tmp_path):
    path = tmp_path / "file.xml"
    path.write_bytes(content)
    assert words in refusal(path)


def test_an_activity_that_never_ends_is_named(tmp_path):
    path = file_of(changed(example(), C, duration=days(60_000)), tmp_path)
    assert refusal(path) == "The dates cannot be computed: 3 “Build” would end after 2150"


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path):
    assert "does not exist" in refusal(tmp_path / "nothing.xml")
    assert "cannot be read" in refusal(tmp_path)


def test_the_command_line_gives_the_exit_status_and_no_traceback(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert commandline.run(["check", str(file_of(example(), tmp_path))]) == 1
    assert "Prüfungen nicht bestanden" in capsys.readouterr().out
    assert commandline.run(["check", str(tmp_path / "nothing.xml")]) == 2
    told = capsys.readouterr()
    assert (told.out, "Diese Datei gibt es nicht" in told.err, "Traceback" in told.err) == ("", True, False)
    assert commandline.run(["check"]) == 2
