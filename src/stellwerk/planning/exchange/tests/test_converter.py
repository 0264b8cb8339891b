"""The process that reads files of other tools: its absence, its limits, its failures."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from stellwerk.planning.exchange import Document, Limits, ScheduleFileError, mpxj, read_schedule, write_schedule
from stellwerk.planning.exchange.document import Task
from stellwerk.planning.exchange.tests.helping import needs_mpxj

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refusal(content: bytes, **options: object) -> str:
    with pytest.raises(ScheduleFileError) as caught:
        read_schedule(io.BytesIO(content), **options)  # type: ignore[arg-type]
    return caught.value.problems[0].code


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Puts a script in the place of the converter."""

    def put(script: str) -> None:
        path = tmp_path / "worker.py"
        path.write_text(script, encoding="utf-8")
        monkeypatch.setattr(mpxj, "_WORKER", path)
        monkeypatch.setenv(mpxj.PYTHON_VARIABLE, sys.executable)

    return put


def test_without_the_optional_part_the_refusal_says_how_to_get_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mpxj, "available", lambda: False)
    with pytest.raises(ScheduleFileError) as caught:
        read_schedule(io.BytesIO(OLE + b"\0" * 600), name="plan.mpp")
    assert caught.value.problems[0].code == "needs_extra"
    assert "stellwerk[mpp]" in str(caught.value)


def test_a_converter_that_takes_too_long_is_ended(worker) -> None:  # type: ignore[no-untyped-def]
    worker("import time; time.sleep(60)")
    assert refusal(OLE, limits=Limits(seconds=1)) == "converter_limit"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("raise SystemExit(3)", "converter_failed"),
        ("print('not json')", "converter_failed"),
        ("print('[]')", "converter_failed"),
        ("""print('{"error": "unknown"}')""", "unknown_format"),
        ("""print('{"error": "memory"}')""", "converter_limit"),
        ("""print('{"error": "failed", "detail": "broken at 7"}')""", "converter_failed"),
    ],
)
def test_a_converter_that_fails_is_a_refusal(worker, script: str, code: str) -> None:  # type: ignore[no-untyped-def]
    worker(script)
    assert refusal(OLE) == code


@pytest.mark.parametrize("kind", ["calendars", "tasks", "resources", "assignments", "links"])
def test_a_thing_without_its_number_is_a_refusal(worker, kind: str) -> None:  # type: ignore[no-untyped-def]
    """Damaged files of other tools have such things; nothing tells them apart."""
    names = ("calendars", "tasks", "links", "resources", "assignments", "code_types", "fields")
    found: dict[str, object] = {name: [] for name in names}
    answer = {"document": found | {"project": {}, kind: [{"uid": None, "name": "Nameless"}]}, "file_type": "?"}
    worker(f"print({json.dumps(json.dumps(answer))})")
    with pytest.raises(ScheduleFileError) as caught:
        read_schedule(io.BytesIO(OLE))
    assert [one.code for one in caught.value.problems] == ["missing"]
    assert "Nameless" in str(caught.value)


def test_the_converter_sees_no_secret_of_ours(worker, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    worker("""import json, os; print(json.dumps({"error": "failed", "detail": " ".join(os.environ)}))""")
    with pytest.raises(ScheduleFileError) as caught:
        read_schedule(io.BytesIO(OLE))
    assert "DATABASE_URL" not in str(caught.value)


def test_xml_of_other_tools_is_checked_before_the_converter_sees_it(worker) -> None:  # type: ignore[no-untyped-def]
    worker("raise SystemExit('must not run')")
    assert refusal(b'<!DOCTYPE project [<!ENTITY a "b">]><project>&a;</project>') == "xml_dtd"


@pytest.mark.slow
@pytest.mark.parametrize(
    "content", [OLE + bytes(range(256)) * 40, b"MPX;broken", b"<project><tasks/>", b"<APIBusinessObjects/>"]
)
def test_damaged_files_of_other_tools_are_refused_or_empty(content: bytes) -> None:
    needs_mpxj()
    try:
        document = read_schedule(io.BytesIO(content))
    except ScheduleFileError as problem:
        assert problem.problems[0].code in {"converter_failed", "unknown_format"}
    else:
        assert document.counts().activities == 0


@pytest.mark.slow
def test_too_little_memory_is_a_refusal(tmp_path: Path) -> None:
    needs_mpxj()
    path = tmp_path / "large.xml"
    path.write_bytes(
        write_schedule(Document(tasks=tuple(Task(uid, f"Row {uid}") for uid in range(1, 60_000))), "mspdi")
    )
    with pytest.raises(ScheduleFileError) as caught:
        mpxj.read_with_mpxj(path, limits=Limits(memory=64 << 20))
    assert caught.value.problems[0].code in {"converter_limit", "converter_failed"}
