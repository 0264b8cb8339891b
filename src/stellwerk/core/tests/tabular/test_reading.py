"""Reading files: every encoding and delimiter, workbooks, and what is refused."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stellwerk.core.tabular import Limits, UnusableFile, best_table, find_table, read
from stellwerk.core.tests.tabular import making
from stellwerk.trials import tries

NOON = dt.datetime(2026, 3, 1, 12, 30)  # noqa: DTZ001 -- spreadsheets know no time zones
ROWS = [["Name", "Straße", "Budget"], ["Übergröße", "Müllerstraße 5", "1.234,50 €"], ["Ärger", "Köln – Süd", "7"]]


def refused(stream: io.BytesIO, **options: object) -> str:
    with pytest.raises(UnusableFile) as caught:
        read(stream, **options)  # type: ignore[arg-type]
    assert str(caught.value.message)
    assert str(caught.value.what_to_do)
    return caught.value.code


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "iso8859-15", "mac_roman"],
)
def test_every_encoding_and_delimiter_gives_the_same_cells(delimiter: str, encoding: str) -> None:
    rows = [[cell.replace("€", "EUR").replace("–", "-") for cell in row] for row in ROWS]
    text = "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    file = read(making.csv_bytes(text, encoding))
    assert [list(row) for row in file.sheets[0].rows] == rows
    assert file.delimiter == delimiter


def test_an_old_dos_code_page_is_recognised() -> None:
    text = "Name;Ort\nÜbergröße;Köln\nMüller & Söhne;Düsseldorf\n"
    assert read(making.csv_bytes(text, "cp850")).sheets[0].rows[2] == ("Müller & Söhne", "Düsseldorf")


def test_a_utf8_byte_order_mark_is_no_part_of_the_first_heading() -> None:
    assert read(io.BytesIO(b"\xef\xbb\xbfID,Name\n1,a\n")).sheets[0].rows[0] == ("ID", "Name")


def test_bytes_that_cp1252_does_not_know_are_replaced_and_reported() -> None:
    file = read(io.BytesIO("Name;Text\nA;für ".encode("cp1252") + b"\x9d und \x81\n"))
    assert file.encoding == "cp1252"
    assert file.sheets[0].rows[1] == ("A", "für \ufffd und \ufffd")
    assert [note.code for note in file.notes] == ["lost_characters"]


def test_a_few_single_bytes_in_utf8_do_not_spoil_the_rest() -> None:
    data = "Name,Text\nGröße,Übung äöü\n".encode() + "B,Stück\n".encode("cp1252")
    assert read(io.BytesIO(data)).sheets[0].rows[1:] == (("Größe", "Übung äöü"), ("B", "Stück"))


def test_quoted_line_breaks_delimiters_and_quotes_stay_inside_the_cell() -> None:
    file = read(making.csv_bytes('a;b\r\n"eins\r\nzwei; ""drei""";2\r\nx;3\r\n'))
    assert file.sheets[0].rows == (("a", "b"), ('eins\r\nzwei; "drei"', "2"), ("x", "3"))


def test_commas_in_the_text_do_not_hide_the_semicolons() -> None:
    text = "Name;Budget;Text\n" + "".join(f"P{i};{i},5;eins, zwei, drei, {'vier,' * (i % 3)}\n" for i in range(20))
    assert read(making.csv_bytes(text)).delimiter == ";"


def test_a_single_column_is_a_table_too() -> None:
    file = read(making.csv_bytes("Projekt\nAlpha\nBeta\n"))
    assert file.sheets[0].rows == (("Projekt",), ("Alpha",), ("Beta",))


def test_the_separator_line_of_spreadsheet_programs_is_obeyed_and_dropped() -> None:
    assert read(making.csv_bytes("sep=|\na,b|c\n1|2\n")).sheets[0].rows == (("a,b", "c"), ("1", "2"))


def test_old_mac_line_ends_are_line_ends() -> None:
    assert read(making.csv_bytes("a,b\r1,2\r3,4\r")).sheets[0].rows == (("a", "b"), ("1", "2"), ("3", "4"))


def test_a_workbook_gives_typed_cells_at_their_places() -> None:
    stream = making.xlsx(
        [[None, "A", "B"], [None, dt.date(2026, 3, 1), 7], [None, NOON, 2.5], [None, True]],
        first_row=3,
    )
    file = read(stream, name="falsch.csv")
    assert file.kind == "xlsx"
    assert file.sheets[0].rows == (
        (),
        (),
        (None, "A", "B"),
        (None, dt.date(2026, 3, 1), 7),
        (None, NOON, 2.5),
        (None, True),
    )


def test_formulas_give_their_stored_results_and_errors_stay_visible() -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet("Zahlen")
    sheet.write_row(0, 0, ["Name", "Summe", "Fehler"])
    sheet.write(1, 0, "P1")
    sheet.write_formula(1, 1, "=40+2", None, 42)
    sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
    book.close()
    assert read(stream).sheets[0].rows[1] == ("P1", 42, "#DIV/0!")


def test_formulas_without_a_stored_result_are_reported() -> None:
    file = read(making.xlsx([["Name", "Summe"], ["P1", "=40+2"]]))
    assert file.sheets[0].rows[1] == ("P1",)
    assert [note.code for note in file.notes] == ["formulas"]


def test_hidden_sheets_are_read_but_known_as_hidden_and_charts_do_not_disturb() -> None:
    book = openpyxl.Workbook()
    book.active.append(["Name", "Budget"])
    book.active.append(["P1", 5])
    hidden = book.create_sheet("Alt")
    hidden.append(["Name"])
    hidden.sheet_state = "hidden"
    book.create_chartsheet("Bild")
    stream = io.BytesIO()
    book.save(stream)
    assert [(sheet.name, sheet.hidden) for sheet in read(stream).sheets] == [("Sheet", False), ("Alt", True)]


def test_an_ods_is_read_with_types() -> None:
    stream = making.ods([["Name", "Start", "Budget"], ["P1", dt.date(2026, 5, 1), 12.5], ["P2", None, 3]])
    file = read(stream, name="x.xlsx")
    assert file.kind == "ods"
    assert file.sheets[0].rows == (("Name", "Start", "Budget"), ("P1", dt.date(2026, 5, 1), 12.5), ("P2", None, 3))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"  \r\n \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "wrong_type"),
        (b"\x89PNG\r\n\x1a\n" + bytes(60), "wrong_type"),
        (b"\xff\xd8\xff\xe0" + bytes(60), "wrong_type"),
        (b"{\\rtf1 hallo}", "wrong_type"),
        (b"\x1f\x8b\x08" + bytes(60), "wrong_type"),
        (b"<!DOCTYPE html><html><table><tr><td>a</td></tr></table>", "wrong_type"),
        (b'<?xml version="1.0"?><a/>', "wrong_type"),
        (b'{"projects": [{"id": "1"}]}', "wrong_type"),
        (bytes(range(32)) * 40, "wrong_type"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "wrong_type"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "WordDocument".encode("utf-16-le"), "wrong_type"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "Workbook".encode("utf-16-le"), "broken"),
        (b"PK\x03\x04 cut off", "broken"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(data: bytes, code: str) -> None:
    assert refused(io.BytesIO(data), name="projekte.xlsx") == code


def test_other_office_files_are_refused_as_what_they_are() -> None:
    assert refused(making.archive({"word/document.xml": "<a/>"})) == "wrong_type"
    assert refused(making.archive({"ppt/presentation.xml": "<a/>"})) == "wrong_type"
    assert refused(making.archive({"fotos/1.txt": "a"})) == "wrong_type"
    assert refused(making.ods([["a"]], kind="text")) == "wrong_type"


def test_protected_files_are_refused_with_advice() -> None:
    assert refused(making.ods([["a", "b"]], encrypted=True)) == "password"


def test_a_cut_off_workbook_is_refused() -> None:
    data = making.xlsx(ROWS).getvalue()
    for length in (len(data) // 3, len(data) // 2, len(data) - 30):
        assert refused(io.BytesIO(data[:length])) == "broken"


def test_a_workbook_with_spoilt_bytes_is_refused_or_read_but_never_crashes() -> None:
    data = making.xlsx(ROWS).getvalue()
    for position in range(40, len(data), 97):
        spoilt = bytearray(data)
        spoilt[position] ^= 0x5A
        try:
            read(io.BytesIO(bytes(spoilt)))
        except UnusableFile as refusal:
            assert refusal.code in ("broken", "wrong_type", "empty", "password", "bomb", "too_large")


def test_a_zip_bomb_is_not_opened() -> None:
    bomb = making.with_part(making.xlsx(ROWS), "xl/worksheets/sheet1.xml", b"<a>" + b" " * 90_000_000)
    assert refused(bomb) == "bomb"


def test_a_bomb_that_lies_about_its_size_is_not_opened() -> None:
    bomb = making.with_part(making.xlsx(ROWS), "xl/worksheets/sheet1.xml", b"<a>" + b" " * 90_000_000)
    assert refused(making.lying_about_size(bomb, "xl/worksheets/sheet1.xml", 500)) == "bomb"


def test_many_parts_together_are_too_much() -> None:
    parts: dict[str, str | bytes] = {f"xl/worksheets/sheet{i}.xml": b"<a>" + b" " * 9_000_000 for i in range(12)}
    stream = making.archive({"xl/workbook.xml": "<a/>", **parts})
    assert refused(stream, limits=Limits(unpacked=50_000_000)) == "bomb"


def test_a_sheet_that_reaches_to_the_last_cell_is_refused_instead_of_taking_all_memory() -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet()
    sheet.write(0, 0, "a")
    sheet.write(1048575, 16383, "z")
    book.close()
    with pytest.raises(UnusableFile) as caught:
        read(stream)
    assert caught.value.code == "too_large"
    assert "XFD1048576" in str(caught.value.message)


def test_one_long_text_that_very_many_cells_repeat_is_not_opened() -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet()
    for row in range(400):
        sheet.write_row(row, 0, ["x" * 32_000] * 10)
    book.close()
    assert refused(stream, limits=Limits(unpacked=100_000_000)) == "bomb"
    assert len(read(stream).sheets[0].rows) == 400


def test_size_limits_are_the_callers() -> None:
    assert refused(making.csv_bytes("a,b\n" * 1000), limits=Limits(file=100)) == "too_large"
    assert refused(making.csv_bytes("a,b\n" * 1000), limits=Limits(cells=100)) == "too_large"


def test_cells_without_any_table_are_refused() -> None:
    with pytest.raises(UnusableFile) as caught:
        best_table(read(making.csv_bytes("nur ein Satz ohne Tabelle\n")))
    assert caught.value.code == "no_table"


def test_refusals_speak_the_readers_language_when_shown() -> None:
    with pytest.raises(UnusableFile) as caught:
        read(io.BytesIO(b""))
    with translation.override("en"):
        assert str(caught.value.message) == "The file is empty."


@settings(max_examples=tries(150, 60), deadline=None)
@given(st.binary(max_size=4000))
def test_arbitrary_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        file = read(io.BytesIO(data))
    except UnusableFile:
        return
    for sheet in file.sheets:
        find_table(sheet)


@settings(max_examples=tries(60, 30), deadline=None)
@given(st.binary(max_size=600), st.sampled_from(["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"]))
def test_arbitrary_parts_in_a_workbook_are_read_or_refused(data: bytes, part: str) -> None:
    with contextlib.suppress(UnusableFile):
        read(making.with_part(making.xlsx(ROWS), part, data))


@settings(max_examples=tries(80, 30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.lists(
            st.text(
                st.characters(codec="utf-8", exclude_characters="\x00\ufffd\ufeff", exclude_categories=["Cs", "Cc"]),
                max_size=12,
            ),
            min_size=3,
            max_size=3,
        ),
        min_size=4,
        max_size=12,
    ),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_a_csv_writer_wrote_comes_back(rows: list[list[str]], delimiter: str) -> None:
    import csv

    rows = [["Name", "Start", "Budget"], *rows]
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    got = [list(row) for row in read(making.csv_bytes(target.getvalue())).sheets[0].rows]
    expected = [[cell or None for cell in row] for row in rows]
    while expected and not any(expected[-1]):
        expected.pop()
    assert got == expected


def test_a_zip_with_an_unknown_method_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_LZMA) as target:
        target.writestr("xl/workbook.xml", "<a/>")
        target.writestr("xl/worksheets/sheet1.xml", "<a/>")
    assert refused(stream) == "broken"


def test_a_quotation_mark_that_never_closes_swallows_no_rows() -> None:
    data = 'Name;Ampel\n"Halle 7;rot\nTor Nord;grün\nDach;gelb\n'.encode()
    file = read(io.BytesIO(data), name="liste.csv")
    assert [row[1] for row in file.sheets[0].rows] == ["Ampel", "rot", "grün", "gelb"]
    assert file.sheets[0].rows[1][0] == '"Halle 7' and [note.code for note in file.notes] == ["open_quote"]
    closed = read(io.BytesIO(b'Name;Ampel\n"Halle\n7";rot\n'), name="liste.csv")
    assert closed.sheets[0].rows[1] == ("Halle\n7", "rot") and not closed.notes


def test_a_large_file_of_zeros_is_refused_by_its_first_bytes(tmp_path: Path) -> None:
    path = tmp_path / "leer.csv"
    with path.open("wb") as stream:
        stream.truncate(1 << 30)
    with path.open("rb") as stream, pytest.raises(UnusableFile) as refusal:
        read(stream, name=path.name)
    assert refusal.value.code == "wrong_type"


def test_equal_short_cells_are_one_text_in_memory() -> None:
    rows = read(io.BytesIO(b"Name;Ampel\nA;gruen 1\nB;gruen 1\n"), name="x.csv").sheets[0].rows
    assert rows[1][1] is rows[2][1]
