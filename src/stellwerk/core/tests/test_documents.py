"""Document writers: cleaned and fitted text, numbers by language, whole files, workbooks without formulas."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageFont

from stellwerk.core.documents.files import write_whole
from stellwerk.core.documents.fonts import typst_fonts
from stellwerk.core.documents.metrics import BOLD, CHARACTERS, REGULAR
from stellwerk.core.documents.numbers import Numbers, Scale, scale_for
from stellwerk.core.documents.pdf_writer import compile_pdf, literal
from stellwerk.core.documents.scene import Cell
from stellwerk.core.documents.text import clean, clean_lines, fit, width_of, wrap
from stellwerk.core.documents.xlsx_writer import Workbook
from stellwerk.trials import tries

DE, EN = Numbers("de"), Numbers("en")


def test_widths_are_those_of_the_font_that_is_shipped() -> None:
    import fontpkg_arimo

    path = Path(fontpkg_arimo.ROOT) / "files" / "Arimo[wght].ttf"
    for weight, table in ((400, REGULAR), (700, BOLD)):
        font = ImageFont.truetype(str(path), 1000)
        font.set_variation_by_axes([weight])
        assert {char: round(font.getlength(char)) for char in CHARACTERS} == table


def test_the_pdf_font_needs_no_system_font() -> None:
    assert "Arimo" in typst_fonts(False).families()


@settings(max_examples=tries(200, 80), deadline=None)
@given(st.text(max_size=300), st.floats(0.3, 8), st.integers(1, 4), st.booleans())
def test_fitted_text_never_needs_more_lines_than_allowed(text: str, width: float, lines: int, bold: bool) -> None:
    shown = fit(text, 10, width, lines, bold)
    wrapped = wrap(shown, 10, width, bold)
    assert len(wrapped) <= lines
    assert all(width_of(line, 10, bold) <= width or len(line) <= 1 for line in wrapped)


@given(st.text(max_size=300))
def test_cleaned_text_can_be_written_as_xml(text: str) -> None:
    from lxml import etree

    node = etree.Element("t")
    node.text = clean(text)
    assert etree.fromstring(etree.tostring(node)).text == (clean(text) or None)


def test_control_and_reordering_characters_are_removed_and_words_kept() -> None:
    assert clean("a\x00b\x0bc \u202eevil\ufeff  d\n e") == "abc evil d e"
    assert clean_lines("one\r\n\r\ntwo\x0c") == ["one", "two"]


def test_text_that_fits_stays_as_it_is_and_other_text_ends_with_an_ellipsis() -> None:
    assert fit("Lager", 10, 3) == "Lager"
    assert fit("Lackieranlage Halle 4 mit Ersatz der Abluftreinigung", 10, 1.2).endswith("…")


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (DE.decimal(Decimal("1234.55"), 1), "1.234,6"),
        (EN.decimal(Decimal("1234.55"), 1), "1,234.6"),
        (DE.decimal(Decimal("-0.04"), 1), "0,0"),
        (DE.decimal(Decimal(-5), sign=True), "−5"),
        (DE.decimal(5, sign=True), "+5"),
        (DE.decimal(None), "–"),
        (DE.percent(Decimal("0.1304")), "13,0\u00a0%"),
        (EN.percent(Decimal("0.1304")), "13.0%"),
        (DE.money(123456700, Scale("EUR", 3)), "1.234,6\u00a0T€"),
        (EN.money(123456700, Scale("EUR", 3)), "1,234.6\u00a0k€"),
        (DE.money(5000, Scale("KRW", 0)), "5.000\u00a0KRW"),
        (DE.date(date(2026, 11, 20)), "20.11.2026"),
        (EN.date(date(2026, 11, 20)), "20\u00a0Nov\u00a02026"),
        (DE.month(date(2027, 3, 1)), "Mär\u00a027"),
        (DE.list(["A", "B", "C"]), "A, B und C"),
        (EN.list(["A"]), "A"),
    ],
)
def test_numbers_are_written_as_the_language_writes_them(shown: str, wanted: str) -> None:
    assert shown == wanted


@pytest.mark.parametrize(
    ("minor", "currency", "exponent"),
    [
        (99_999, "EUR", 0),
        (56_500_000, "EUR", 3),
        (8_718_140_000, "EUR", 3),
        (990_000_000_000, "GBP", 6),
        (9_999, "KRW", 0),
    ],
)
def test_the_unit_of_amounts_follows_the_largest_one(minor: int, currency: str, exponent: int) -> None:
    assert scale_for(currency, minor) == Scale(currency, exponent)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "deck.pptx"
    write_whole(target, b"old")
    write_whole(target, b"new")
    assert target.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["deck.pptx"]
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "missing" / "deck.pptx", b"x")


def test_a_failed_write_leaves_no_part_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "deck.pptx"
    write_whole(target, b"old")

    def fail(*_arguments: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("stellwerk.core.documents.files.os.fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        write_whole(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["deck.pptx"]


@pytest.mark.parametrize(
    "text", ["=SUM(A1:A9)", "+1", "-1", "@cmd", '=HYPERLINK("http://x")', "http://example.org", "007"]
)
def test_text_in_a_workbook_is_never_a_formula_or_a_link(text: str) -> None:
    book = Workbook(DE, title=text, author="=1")
    book.sheet(text, [text], [[Cell(value=text)]])
    sheet = openpyxl.load_workbook(io.BytesIO(book.finish())).worksheets[0]
    assert [sheet.cell(row, 1).value for row in (1, 2)] == [text, text]
    assert [sheet.cell(row, 1).data_type for row in (1, 2)] == ["s", "s"]
    assert sheet.cell(2, 1).hyperlink is None


def test_a_workbook_stores_numbers_and_dates_as_such_and_names_sheets_apart() -> None:
    book = Workbook(EN, title="t", author="a")
    for _number in range(2):
        book.sheet(
            "Kosten/Plan: [sehr langer Name für ein Blatt]",
            ["a"],
            [[Cell(value=Decimal("1234.5"), places=1)], [Cell(value=date(2026, 11, 20))]],
        )
    loaded = openpyxl.load_workbook(io.BytesIO(book.finish()))
    assert len({name.casefold() for name in loaded.sheetnames}) == 2
    assert all(len(name) <= 31 for name in loaded.sheetnames)
    assert loaded.worksheets[0]["A2"].value == 1234.5
    assert loaded.worksheets[0]["A3"].value.date() == date(2026, 11, 20)


@given(st.text(max_size=60))
@settings(max_examples=30, deadline=None)
def test_no_text_is_markup_or_code_in_a_pdf(text: str) -> None:
    pdf = compile_pdf(
        f'#set text(font: "Arimo")\n#{literal(clean(text))}\n#{literal(clean("#panic(1) $x$ *b* <l> @r // /* " + chr(92)))}'
    )
    assert pdf.startswith(b"%PDF")
