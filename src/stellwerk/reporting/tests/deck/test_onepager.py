"""The status report: always one page, in both languages, with what the payload holds and nothing else."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pypdfium2
import pytest

from stellwerk.reporting.onepager import write_status_report
from stellwerk.reporting.payload import StatusPayload
from stellwerk.reporting.tests.deck import sample
from stellwerk.reporting.tests.deck.test_deck import DECIMAL, LONG, _allowed, _long, pdf_text


def report(payload: StatusPayload, lang: str = "de") -> list[str]:
    buffer = io.BytesIO()
    write_status_report(payload, lang, buffer)  # type: ignore[arg-type]
    return pdf_text(buffer.getvalue())


@pytest.mark.parametrize("lang", ["de", "en"])
def test_every_report_is_one_page_with_its_key_and_lights(lang: str) -> None:
    for payload in (*sample.big(16).projects, *sample.small().projects):
        pages = report(payload, lang)
        assert len(pages) == 1
        assert payload.key in pages[0]


def test_every_number_of_a_report_comes_from_its_payload() -> None:
    deck = sample.big(16)
    allowed = _allowed(deck)
    project = deck.projects[2]
    staffing = {"5,5", "4,7", "0,8", "0,5", "0,3", "0,0"}
    found = {token.lstrip("+\u2212") for token in DECIMAL.findall(report(project)[0])}
    assert found
    assert found - allowed - staffing == set()
    assert project.money is not None and project.money.total.eac is not None
    assert (
        f"{project.money.total.eac.minor / 100_000:,.1f}".replace(",", "_").replace(".", ",").replace("_", ".") in found
    )


def test_an_overlong_report_is_shortened_to_one_page() -> None:
    payload = _long(sample.big(4)).projects[2]
    payload = replace(
        payload,
        path_to_green=payload.path_to_green * 6,
        risks=payload.risks * 5,
        issues=payload.issues * 9,
        milestones=payload.milestones * 3,
    )
    pages = report(payload)
    assert len(pages) == 1
    assert "…" in pages[0]
    assert LONG not in pages[0]


def test_hostile_text_is_shown_as_text() -> None:
    payload = replace(
        sample.small().projects[1],
        name='#panic("x") <script>',
        summary='$a$ \x00*b* #import "x" \\ " \u202e',
        achieved=("=1+1", "@ref <label>"),
    )
    text = re.sub(r"\s+", " ", report(payload, "en")[0])
    assert '#panic("x") <script>' in text
    assert '#import "x"' in text
    assert "@ref <label>" in text


def test_fonts_are_embedded_and_none_is_the_systems() -> None:
    buffer = io.BytesIO()
    write_status_report(sample.big(3).projects[2], "de", buffer)
    names = set(re.findall(rb"/BaseFont\s*/([A-Za-z0-9+\-]+)", buffer.getvalue()))
    document = pypdfium2.PdfDocument(buffer.getvalue())
    assert len(document) == 1
    document.close()
    assert all(
        b"Arimo" in name or b"NewCM" in name or b"Libertinus" in name or b"DejaVuSansMono" in name for name in names
    )
