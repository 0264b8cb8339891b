"""Organisation templates: usable ones carry the deck, others are refused with a reason and nothing is written."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.util import Emu

from stellwerk.core.documents.numbers import Numbers
from stellwerk.core.documents.pptx_default import default_presentation
from stellwerk.core.documents.pptx_template import TemplateProblem, open_template
from stellwerk.core.documents.pptx_writer import render_pptx
from stellwerk.core.documents.scene import Cell, Column, Document, Row, Run, Slide, Table

DECK = Document(
    "T",
    "A",
    "Nordlicht Anlagenbau AG",
    "01.12.2026",
    (
        Slide("title", "Lenkungsausschuss", "Portfolio", layout="title"),
        Slide(
            "x",
            "Ein Satz mit Zahl und Folge, der auf zwei Zeilen passen muss, auch wenn die Vorlage große Titel hat: 12",
            "Unterzeile",
            (
                Table(
                    0.55,
                    1.8,
                    (Column(4, "A"), Column(4, "B", "right")),
                    (Row((Cell(((Run("x"),),)), Cell(((Run("1,0"),),)))),),
                    "S",
                ),
            ),
        ),
    ),
)


def _save(presentation: object, path: Path) -> Path:
    presentation.save(str(path))  # type: ignore[attr-defined]
    return path


def _rewrite(
    source: Path, target: Path, change: Callable[[str, bytes], bytes | None], extra: dict[str, bytes] | None = None
) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = change(entry.filename, old.read(entry.filename))
            if data is not None:
                new.writestr(entry.filename, data)
        for name, data in (extra or {}).items():
            new.writestr(name, data)
    return target


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """The office program's standard template: 4:3, eleven layouts, footers, and slides that must vanish."""
    presentation = Presentation()
    presentation.slides.add_slide(presentation.slide_layouts[0])
    return _save(presentation, tmp_path / "company.pptx")


def test_the_deck_takes_on_an_organisations_template_with_real_placeholders(company: Path) -> None:
    made = Presentation(io.BytesIO(render_pptx(DECK, Numbers("de"), company)))
    assert len(made.slides) == 2
    assert (made.slide_width, made.slide_height) == (Presentation().slide_width, Presentation().slide_height)
    kinds = {shape.placeholder_format.type for shape in made.slides[1].placeholders}
    assert kinds == {PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE}
    footer = next(s for s in made.slides[1].placeholders if s.placeholder_format.type == PP_PLACEHOLDER.FOOTER)
    assert footer.text_frame.text == "Nordlicht Anlagenbau AG"
    for shape in made.slides[1].shapes:
        if not shape.is_placeholder:
            assert shape.left >= 0
            assert shape.left + shape.width <= made.slide_width + Emu(9525)
            assert shape.top + shape.height <= made.slide_height


def test_a_potx_template_is_accepted(company: Path, tmp_path: Path) -> None:
    def as_template(name: str, data: bytes) -> bytes:
        return data.replace(b"presentation.main+xml", b"template.main+xml") if name == "[Content_Types].xml" else data

    potx = _rewrite(company, tmp_path / "company.potx", as_template)
    assert (
        Presentation(io.BytesIO(render_pptx(DECK, Numbers("de"), potx))).slides[0].shapes.title.text
        == "Lenkungsausschuss"
    )


def _no_footer(tmp_path: Path) -> Path:
    presentation = Presentation()
    for layout in presentation.slide_layouts:
        for shape in list(layout.placeholders):
            if shape.placeholder_format.type == PP_PLACEHOLDER.FOOTER:
                shape._element.getparent().remove(shape._element)
    return _save(presentation, tmp_path / "a.pptx")


def _no_titles(tmp_path: Path) -> Path:
    presentation = Presentation()
    for layout in presentation.slide_layouts:
        for shape in list(layout.placeholders):
            if shape.placeholder_format.type in (
                PP_PLACEHOLDER.TITLE,
                PP_PLACEHOLDER.CENTER_TITLE,
                PP_PLACEHOLDER.VERTICAL_TITLE,
            ):
                shape._element.getparent().remove(shape._element)
    return _save(presentation, tmp_path / "a.pptx")


def _no_title_slide(tmp_path: Path) -> Path:
    presentation = default_presentation()
    presentation.slide_layouts.remove(presentation.slide_layouts.get_by_name("Title Slide"))
    return _save(presentation, tmp_path / "a.pptx")


def _macros(tmp_path: Path) -> Path:
    source = _save(Presentation(), tmp_path / "b.pptx")
    return _rewrite(source, tmp_path / "a.pptm", lambda _name, data: data, {"ppt/vbaProject.bin": b"x"})


def _bomb(tmp_path: Path) -> Path:
    source = _save(Presentation(), tmp_path / "b.pptx")
    return _rewrite(source, tmp_path / "a.pptx", lambda _name, data: data, {"ppt/media/zero.bin": bytes(30 * 2**20)})


def _word_file(tmp_path: Path) -> Path:
    path = tmp_path / "a.pptx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr("word/document.xml", b"<x/>")
    return path


def _text(tmp_path: Path) -> Path:
    path = tmp_path / "a.pptx"
    path.write_text("Dies ist keine Vorlage")
    return path


def _old(tmp_path: Path) -> Path:
    path = tmp_path / "a.ppt"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    return path


def _broken_master(tmp_path: Path) -> Path:
    source = _save(Presentation(), tmp_path / "b.pptx")
    return _rewrite(
        source,
        tmp_path / "a.pptx",
        lambda name, data: b"<broken" if name.startswith("ppt/slideMasters/slide") else data,
    )


def _cut(tmp_path: Path) -> Path:
    source = _save(Presentation(), tmp_path / "b.pptx")
    path = tmp_path / "a.pptx"
    path.write_bytes(source.read_bytes()[:9000])
    return path


def _flat_title(tmp_path: Path) -> Path:
    presentation = default_presentation()
    layout = presentation.slide_layouts.get_by_name("Title Only")
    next(s for s in layout.placeholders if s.placeholder_format.type == PP_PLACEHOLDER.TITLE).height = Emu(9525)
    return _save(presentation, tmp_path / "a.pptx")


@pytest.mark.parametrize(
    ("make", "code", "says"),
    [
        (_no_footer, "no-footer", "footer"),
        (_no_titles, "no-title", "title"),
        (_no_title_slide, "no-title-slide", "subtitle"),
        (_flat_title, "no-room", "too small"),
        (_macros, "macros", "macros"),
        (_bomb, "bomb", "refused"),
        (_word_file, "not-pptx", "PowerPoint"),
        (_text, "not-pptx", "PowerPoint"),
        (_old, "old-format", "password"),
        (_broken_master, "broken", ""),
        (_cut, "not-pptx", "PowerPoint"),
        (lambda path: path / "missing.pptx", "unreadable", "No such file"),
    ],
)
def test_an_unusable_template_is_refused_with_the_reason(
    make: Callable[[Path], Path], code: str, says: str, tmp_path: Path
) -> None:
    from django.utils.translation import override

    with override("en"), pytest.raises(TemplateProblem) as caught:
        open_template(make(tmp_path))
    assert caught.value.code == code
    assert says in str(caught.value)
