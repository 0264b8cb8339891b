"""Pages of contracts: form, checklist, steps, documents; what each reader sees of them."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from unittest.mock import patch

import docx
import pypdfium2
import pytest
from django.urls import reverse

from stellwerk.core.states import advance
from stellwerk.staffing.documents.contract import as_docx, as_pdf, paper_of
from stellwerk.staffing.documents.texts import MARK
from stellwerk.staffing.models import Contract
from stellwerk.staffing.tests.company import match_of
from stellwerk.staffing.tests.hiring import TODAY, asks_hours, draft, lent, running, sent, signed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with patch("django.utils.timezone.localdate", lambda *_given: TODAY):
        yield


def url(contract: Contract, name: str = "detail") -> str:
    return reverse(f"staffing:contract-{name}", args=[contract.key])


def text_of(response) -> str:
    return response.content.decode()


def test_the_form_is_filled_from_the_match_and_one_click_makes_the_draft(staffed):
    match = match_of(staffed, "fabian", state="conversation", key="MAT-0011")
    browser = staffed.client_of("rosa")
    page = browser.get(reverse("staffing:contract-create"), {"match": match.key})
    form = page.context["form"]
    data = {
        name: "" if (value := form[name].value()) is None else form.fields[name].prepare_value(value) if not hasattr(value, "pk") else value.pk
        for name in form.fields
    }  # fmt: skip
    data = {name: value for name, value in data.items() if value is not False}
    answer = browser.post(reverse("staffing:contract-create") + f"?match={match.key}", data)
    contract = Contract.objects.get()
    assert answer.status_code == 302 and answer["Location"] == url(contract)
    assert (contract.match, contract.pay, contract.rate) == (match, 95_00, 120_00)


def test_bad_input_comes_back_with_the_error_at_the_field(staffed):
    contract = draft(staffed)
    answer = staffed.client_of("rosa").post(
        url(contract, "edit"), {"form": "freelance", "first": "31.02.2027", "weekly_hours": "x", "terms": "kept"}
    )
    assert answer.status_code == 422
    assert {"first", "weekly_hours"} <= set(answer.context["form"].errors) and "kept" in text_of(answer)


def test_the_page_shows_what_the_law_asks_the_clock_and_the_margin_at_equal_pay(staffed):
    contract = lent(staffed, comparable=50_00, agreement="GVP/DGB", last=dt.date(2028, 3, 31))
    page = text_of(staffed.client_of("rosa").get(url(contract)))
    for text in (
        "What the law asks",
        "Clock of temporary work",
        "Last day allowed",
        "3 Jul 2028",
        "Margin at equal pay",
        "4 Oct 2027",
    ):
        assert text in page, text


def test_a_signature_and_its_errors_are_recorded_on_the_page(staffed):
    contract = sent(staffed, draft(staffed))
    browser = staffed.client_of("rosa")
    answer = browser.post(
        url(contract, "act"),
        {"step": "sign", "side": "us", "name": "Kept Name", "way": "text", "signed_on": "tomorrow"},
    )
    assert answer.status_code == 422 and "Kept Name" in text_of(answer)
    answer = browser.post(
        url(contract, "act"), {"step": "sign", "side": "us", "name": "A", "way": "text", "signed_on": "2026-12-15"}
    )
    assert answer.status_code == 422 and "This day has not come yet." in text_of(answer)
    answer = browser.post(
        url(contract, "act"), {"step": "sign", "side": "us", "name": "A", "way": "text", "signed_on": "2026-12-14"}
    )
    assert answer.status_code == 302 and contract.signatures.get().name == "A"


def test_checklist_status_told_and_extension_stand_on_the_page(staffed):
    free = draft(staffed)
    browser = staffed.client_of("rosa")
    assert browser.post(url(free, "act"), {"step": "signs", "sign-in_team": "yes"}).status_code == 302
    assert "speaks for employment" in text_of(browser.get(url(free)))
    assert browser.post(url(free, "act"), {"step": "status"}).status_code == 302
    work = signed(staffed, lent(staffed))
    assert browser.post(url(work, "act"), {"step": "told"}).status_code == 302
    Contract.objects.filter(pk=work.pk).update(state="active")
    work.refresh_from_db()
    answer = browser.post(
        url(work, "act"), {"step": "extend", "last": "2029-01-01", "way": "text", "version": work.version}
    )
    assert answer.status_code == 422 and "18 months" in text_of(answer)
    answer = browser.post(
        url(work, "act"), {"step": "extend", "last": "2027-09-30", "way": "text", "version": work.version}
    )
    assert answer.status_code == 302
    assert "waits for confirmation" in text_of(browser.get(url(work)))
    assert browser.post(url(work, "act"), {"step": "nonsense"}).status_code == 409


@pytest.mark.parametrize(
    ("who", "status"), [("pia", 200), ("pavel", 404), ("klaus", 200), ("kerstin", 404), ("frida", 404), ("fabian", 404)]
)
def test_outsiders_see_their_own_contract_alone_once_it_is_sent(staffed, who, status):
    contract = draft(
        staffed,
        "pias",
        form="lending",
        pay=61_25,
        rate=76_25,
        licence="L",
        agreement="A",
        earlier_asked=True,
        comparable=61_25,
    )
    assert staffed.client_of(who).get(url(contract)).status_code == 404
    contract = sent(staffed, contract)
    answer = staffed.client_of(who).get(url(contract))
    assert answer.status_code == status
    if status == 200:
        page = text_of(answer)
        assert ("61.25" in page, "76.25" in page) == {"pia": (True, False), "klaus": (False, True)}[who]
        for hidden in ("Margin", "Our cost", "What the law asks", "Budget"):
            assert hidden not in page


def test_documents_go_to_whom_they_are_written_for(staffed):
    contract = sent(staffed, draft(staffed, "fabian"))

    def got(who: str, reader: str, kind: str = "pdf") -> int:
        address = reverse("staffing:contract-paper", args=[reader, "de", kind, contract.key])
        return int(staffed.client_of(who).get(address).status_code)

    assert [got("fabian", reader) for reader in ("person", "client")] == [200, 403]
    assert [got("klaus", reader) for reader in ("person", "client")] == [403, 200]
    assert (got("rosa", "client", "docx"), got("rosa", "nobody"), got("rosa", "client", "exe")) == (200, 404, 404)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("form", ["permanent", "lending", "freelance"])
@pytest.mark.parametrize("reader", ["client", "person"])
def test_each_document_is_marked_as_a_template_and_says_what_it_should(staffed, form, reader, language):
    values = {"pay": 41_00, "rate": 77_00, "earlier_asked": True, "licence": "LIC-9", "terms": 'Say "hi" {x} #panic[]'}
    contract = draft(staffed, "frida", form=form, **values)
    paper = paper_of(contract, reader, language)
    pdf = pypdfium2.PdfDocument(as_pdf(paper))
    read = " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pdf)
    document = docx.Document(io.BytesIO(as_docx(paper)))
    written = "\n".join(one.text for one in document.paragraphs)
    for text in (read, written):
        assert MARK[language][:20] in text and "Frida Winter" in text and "#panic[]" in text
        amounts = ("41,00", "77,00") if language == "de" else ("41.00", "77.00")
        assert (amounts[0] in text, amounts[1] in text) == ((False, True) if reader == "client" else (True, False))
    if form == "lending" and reader == "client":
        assert "Arbeitnehmerüberlassung" in written and "LIC-9" in written


def test_what_a_partner_gets_never_stands_in_the_paper_of_the_person(staffed):
    values = {"form": "lending", "pay": 61_25, "rate": None, "licence": "L", "agreement": "A", "earlier_asked": True}
    asks_hours(staffed, 8)
    contract = draft(staffed, "pias", "raised", **values)
    person, client = (
        " ".join(text for _heading, text in paper_of(contract, reader, "en").clauses) for reader in ("person", "client")
    )
    assert "61.25" not in person and "as agreed with Sommer Personal GmbH" in person
    assert "61.25" in client  # we are the client here: it is what we pay


def test_the_law_is_cited_as_each_language_does(staffed):
    contract = sent(staffed, lent(staffed))
    staffed.rosa.language = "de"
    staffed.rosa.save()
    page = text_of(staffed.client_of("rosa").get(url(contract)))
    assert "§ 14 Abs. 3 AÜG, § 99 BetrVG" in page and "§ 14(3)" not in page


def test_the_list_and_the_panels_show_contracts(staffed):
    contract = running(staffed, draft(staffed, "fabian"))
    page = text_of(staffed.client_of("rosa").get(reverse("staffing:contract-list")))
    assert (
        contract.key in page
        and "Fabian Kurz" in page
        and "95" not in page.split("<tbody")[1].split("</tbody")[0].replace("2795", "")
    )
    assert contract.person is not None
    assert contract.key in text_of(
        staffed.client_of("rosa").get(reverse("people:person-detail", args=[contract.person.key]))
    )


def test_the_draft_waits_on_the_day_of_whoever_approves_it(staffed):
    contract = draft(staffed, "frida", form="permanent", pay=5_800_000, rate=900_000, unit="year")
    assert f"Approve the contract {contract.key}" in text_of(staffed.cast.client("conny").get("/"))
    assert f"Approve the contract {contract.key}" not in text_of(staffed.client_of("rosa").get("/"))
    advance(contract, "approve", by=staffed.cast.conny)
    assert f"Approve the contract {contract.key}" not in text_of(staffed.cast.client("conny").get("/"))


def test_a_page_of_a_contract_needs_few_queries(staffed, django_assert_max_num_queries):
    contract = sent(staffed, lent(staffed, last=dt.date(2028, 3, 31)))
    browser = staffed.client_of("rosa")
    browser.get(url(contract))
    with django_assert_max_num_queries(30):
        browser.get(url(contract))
