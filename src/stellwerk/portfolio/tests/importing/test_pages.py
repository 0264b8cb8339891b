"""The pages of the import: from the dropped file to the undo, also when something is wrong."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from stellwerk.core.jobs import run_pending
from stellwerk.core.models import ChangeSet
from stellwerk.core.tests.tabular.making import archive, xlsx
from stellwerk.portfolio.importing import drafts
from stellwerk.portfolio.models import Figure, ImportMapping, Portfolio, Project
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db

LIST = (
    "Projektnummer;Projektname;Ampel;Endtermin;Gesamtbudget (T€);Projektleiter;Kommentar\n"
    "P-1;Elektrolyse Lubmin;gelb;31.12.2027;18.400,0;Paul Jansen;Lieferung <script>alert(1)</script> verspätet sich um drei Wochen, Ersatz bestellt.\n"
    "P-2;=SUMME(A1);grün;irgendwann;900,5;Petra Brandt;Alles im Plan, die Abnahme ist für das nächste Quartal vorgesehen und bestellt.\n"
    "P-3;Neubau Halle 7;rot;30.06.2028;2.300,0;Anna Unbekannt;Der Baugrund trägt nicht, eine Pfahlgründung wird geprüft und kalkuliert.\n"
)


def upload(client: Client, text: str | bytes = LIST, name: str = "Projektliste 2026-10-31.csv", **more: Any) -> Any:
    data = text.encode() if isinstance(text, str) else text
    fields = {"portfolio": "ANLAGEN", "new_portfolio": "", "as_of": "", **more}
    return client.post(reverse("portfolio:import"), {**fields, "file": SimpleUploadedFile(name, data)})


def draft() -> ChangeSet:
    return ChangeSet.objects.filter(kind="import").latest("pk")


def choose(client: Client, **changes: str) -> Any:
    _source, mapped, _options = drafts.look(draft())
    fields = {f"c{use.column.index}": use.code for use in mapped.uses}
    return client.post(reverse("portfolio:import-columns", args=[draft().uid]), {**fields, **changes}, follow=True)


def test_a_list_goes_in_through_the_pages_and_is_taken_back(cast: Cast) -> None:
    client = cast.client("petra")
    assert "Drop the list" in client.get(reverse("portfolio:import")).content.decode()
    response = upload(client)
    assert response.status_code == 302 and response["Location"].endswith("/columns")
    page = client.get(response["Location"]).content.decode()
    assert "3 projects" in page and "Overall light" in page
    shown = choose(client).content.decode()
    assert "Is this the same project?" not in shown  # the name is the same: recognised
    assert "irgendwann" in shown and "<script>" not in shown
    assert Project.objects.filter(portfolio=cast.portfolio).count() == 2  # nothing is written yet
    done = client.post(reverse("portfolio:import-apply", args=[draft().uid]), follow=True).content.decode()
    assert "2 new projects" in done and "Undo" in done
    project = Project.objects.get(external_key="P-1")
    assert (
        project.pk == cast.project.pk
        and project.budget == 18_400_000_00
        and project.finish_forecast == dt.date(2027, 12, 31)
    )
    assert Project.objects.get(external_key="P-2").name == "=SUMME(A1)"
    assert ImportMapping.objects.count() == 1
    assert "upload" not in draft().plan
    csv = client.get(reverse("portfolio:import-rejected", args=[draft().uid])).content.decode()
    assert "irgendwann" in csv
    client.post(reverse("core:changeset-undo", args=[draft().uid]))
    assert Project.objects.filter(portfolio=cast.portfolio).count() == 2
    cast.project.refresh_from_db()
    assert cast.project.external_key == "" and cast.project.finish_forecast is None
    assert "taken back" in client.get(reverse("portfolio:import-preview", args=[draft().uid])).content.decode()


def test_the_next_edition_finds_its_columns_as_they_were_chosen(cast: Cast) -> None:
    client = cast.client("petra")
    upload(client)
    choose(client, c6="attribute")
    client.post(reverse("portfolio:import-apply", args=[draft().uid]))
    response = upload(client, LIST.replace("gelb", "grün"), "Projektliste 2026-11-15.csv")
    page = client.get(response["Location"]).content.decode()
    assert "As you decided for a file with the same headings" in page
    assert drafts.look(draft())[1].of("summary") is None


def test_a_question_is_asked_and_the_answer_counts(cast: Cast) -> None:
    client = cast.client("petra")
    upload(client, LIST.replace("Elektrolyse Lubmin", "Projekt Elektrolyse Lubmin II"))
    page = choose(client).content.decode()
    assert "Is this the same project?" in page and "PRJ-0001" in page
    url = reverse("portfolio:import-preview", args=[draft().uid])
    page = client.post(url, {"a_2": "PRJ-0001"}, follow=True).content.decode()
    assert "Is this the same project?" not in page
    client.post(reverse("portfolio:import-apply", args=[draft().uid]))
    cast.project.refresh_from_db()
    assert cast.project.name == "Projekt Elektrolyse Lubmin II" and cast.project.external_key == "P-1"


@pytest.mark.parametrize("name", ["paul", "uwe", "conny", "walter"])
def test_who_may_not_import_sees_no_page(cast: Cast, name: str) -> None:
    client = cast.client(name)
    assert client.get(reverse("portfolio:import")).status_code == 403
    assert upload(client).status_code == 403
    assert not ChangeSet.objects.exists()


def test_the_draft_of_somebody_else_is_not_there(cast: Cast) -> None:
    upload(cast.client("petra"))
    client = cast.client("anton")
    for page in ("import-preview", "import-columns", "import-rejected"):
        assert client.get(reverse(f"portfolio:{page}", args=[draft().uid])).status_code == 404
    assert client.post(reverse("portfolio:import-apply", args=[draft().uid])).status_code == 404


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (b"", "leer.csv", "empty"),
        (b"%PDF-1.7 x", "liste.xlsx", "a PDF"),
        (b"PK\x03\x04broken", "liste.xlsx", "damaged"),
        (b"just one line of text", "notiz.txt", "No table"),
        (b"Projektnummer;Projektname;Ampel;Endtermin\n", "kopf.csv", "No table"),
        (b"\x00" * 5000, "null.csv", "a binary file"),
        (b"<!doctype html><table><tr><td>Projekt", "export.xls", "a web page"),
        (b'{"rows": [1, 2]}', "liste.json", "a JSON document"),
        (xlsx([["Projektname", "Ampel"], ["A", "rot"]]).getvalue()[:-300], "halb.xlsx", "damaged"),
        (archive({"xl/workbook.xml": "<w/>", "xl/worksheets/sheet1.xml": b"0" * 40_000_000}).getvalue(), "bombe.xlsx", "unpacks"),
        (";".join(f"Ampel {i}" for i in range(10_000)).encode() + b"\n" + b"rot;" * 9_999 + b"rot\n", "breit.csv", "10000 columns"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_refused_with_words(cast: Cast, data: bytes, name: str, told: str) -> None:
    response = upload(cast.client("petra"), data, name)
    assert response.status_code == 422 and told in response.content.decode()
    assert not ChangeSet.objects.exists()


def test_a_missing_file_and_a_missing_key_are_said_at_their_place(cast: Cast) -> None:
    client = cast.client("petra")
    page = client.post(reverse("portfolio:import"), {"portfolio": "+", "new_portfolio": ""})
    assert page.status_code == 422
    assert "Choose a file first" in page.content.decode() and "Give the new portfolio a key" in page.content.decode()


def test_a_column_chosen_twice_is_refused_and_the_choice_kept(cast: Cast) -> None:
    client = cast.client("petra")
    upload(client)
    page = choose(client, c3="light")
    assert page.status_code == 422 and "chosen for more than one column" in page.content.decode()
    assert choose(client, c0="attribute", c1="attribute").status_code == 422


def test_a_change_after_the_preview_asks_to_look_again(cast: Cast) -> None:
    """Two people import at once: the second one sees what the first one has done before writing."""
    petra, anton = cast.client("petra"), cast.client("anton")
    upload(petra)
    choose(petra)
    first = draft()
    upload(anton, LIST.replace("2.300,0", "2.400,0"))
    choose(anton)
    anton.post(reverse("portfolio:import-apply", args=[draft().uid]))
    response = petra.post(reverse("portfolio:import-apply", args=[first.uid]))
    page = response.content.decode()
    assert response.status_code == 409 and "has changed since this preview" in page
    assert Project.objects.get(external_key="P-3").budget == 2_400_000_00
    first.refresh_from_db()
    assert first.state == "previewed"
    petra.post(reverse("portfolio:import-apply", args=[first.uid]))
    assert Project.objects.get(external_key="P-3").budget == 2_300_000_00


def test_a_large_file_is_read_and_written_in_the_background(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "LARGE", 100)
    client = cast.client("petra")
    upload(client)
    page = choose(client).content.decode()
    assert "data-job" in page
    run_pending()
    url = reverse("portfolio:import-preview", args=[draft().uid])
    assert "What the file says" in client.get(url).content.decode()
    page = client.post(reverse("portfolio:import-apply", args=[draft().uid]), follow=True).content.decode()
    assert "data-job" in page
    run_pending()
    assert "2 new projects" in client.get(url).content.decode()


def test_a_new_portfolio_is_created_with_its_first_list(cast: Cast) -> None:
    client = cast.client("petra")
    upload(client, portfolio="+", new_portfolio="NEUBAU")
    page = choose(client).content.decode()
    assert "The portfolio NEUBAU will be created" in page
    client.post(reverse("portfolio:import-apply", args=[draft().uid]))
    assert Portfolio.objects.get(key="NEUBAU").projects.count() == 3
    client.post(reverse("core:changeset-undo", args=[draft().uid]))
    assert not Portfolio.objects.filter(key="NEUBAU").exists()


def test_old_previews_are_tidied_with_their_files(cast: Cast) -> None:
    from django.utils import timezone

    upload(cast.client("petra"))
    assert drafts.tidy() == 0
    assert drafts.tidy(timezone.now() + dt.timedelta(days=15)) == 1
    assert draft().state == "discarded" and "upload" not in draft().plan


def test_a_refusal_speaks_the_language_of_the_user(cast: Cast) -> None:
    client = cast.client("petra")
    type(cast.petra).objects.filter(pk=cast.petra.pk).update(language="de")
    page = upload(client, b"%PDF-1.7 x", "liste.xlsx").content.decode()
    assert "Das ist keine Tabelle, sondern eine PDF-Datei" in page or "Das ist keine Tabelle, sondern ein PDF" in page


def test_a_file_above_the_limit_is_refused_before_it_is_read(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.UPLOAD_LIMIT_BYTES = 1024 * 1024
    monkeypatch.setattr(drafts, "open_source", lambda *_a, **_k: pytest.fail("read"))
    response = upload(cast.client("petra"), LIST + " " * 1024 * 1024)
    assert response.status_code == 422 and "larger than 1 MB" in response.content.decode()
    assert not ChangeSet.objects.exists()


def test_numbers_as_lights_are_asked_about_and_the_answer_counts(cast: Cast) -> None:
    client = cast.client("petra")
    upload(client, LIST.replace(";gelb;", ";2;").replace(";grün;", ";3;").replace(";rot;", ";1;"))
    page = choose(client).content.decode()
    assert "Which light do these values mean?" in page
    words = draft().plan["preview"]["lights"]
    meant = {"1": "red", "2": "amber", "3": "green"}
    url = reverse("portfolio:import-preview", args=[draft().uid])
    answers = {f"lights_{i}": meant[word] for i, word in enumerate(words)}
    page = client.post(url, answers | {"lights_9": "red"}, follow=True).content.decode()
    assert "Which light do these values mean?" not in page
    client.post(reverse("portfolio:import-apply", args=[draft().uid]))
    told = Figure.objects.filter(code="light.overall", project__portfolio=cast.portfolio)
    assert {(row.reported, row.light) for row in told} == {("1", "red"), ("2", "amber"), ("3", "green")}


def test_a_published_reporting_date_is_said_before_and_refused_when_applied(cast: Cast) -> None:
    from stellwerk.reporting.models import Cycle

    Cycle.objects.create(
        key="CYC-0001", portfolio=cast.portfolio, number=1, data_date=dt.date(2026, 10, 31), state="published"
    )
    client = cast.client("petra")
    upload(client)
    assert "closed" in choose(client).content.decode()
    response = client.post(reverse("portfolio:import-apply", args=[draft().uid]))
    assert response.status_code == 409 and "Choose another data date" in response.content.decode()
    assert not Figure.objects.exists() and draft().state == "previewed"


def test_a_large_import_is_taken_back_by_a_job(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = cast.client("petra")
    upload(client)
    choose(client)
    client.post(reverse("portfolio:import-apply", args=[draft().uid]))
    monkeypatch.setattr("stellwerk.core.changesets.MANY", 1)
    page = client.post(reverse("core:changeset-undo", args=[draft().uid]), follow=True).content.decode()
    assert "data-job" in page and Project.objects.filter(external_key="P-2").exists()
    run_pending()
    assert not Project.objects.filter(external_key="P-2").exists() and draft().state == "undone"


def test_the_page_names_the_sheets_that_are_not_read_and_reads_the_chosen_one(cast: Cast) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for unit in ("Netze", "Bau"):
        sheet = book.create_sheet(unit)
        for row in (
            ["Angaben in TEUR"],
            ["Projekt", "Ampel", "Budget"],
            [f"{unit} A", "rot", 7],
            [f"{unit} B", "grün", 9],
        ):
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    client = cast.client("petra")
    page = client.get(upload(client, stream.getvalue(), "bereiche.xlsx")["Location"]).content.decode()
    assert "Other sheets have the same headings." in page and "Bau" in page
    assert "Only sheet “Netze” was read." in choose(client).content.decode()
    choose(client, sheet="Bau")  # another sheet: its columns are looked at first
    shown = choose(client, sheet="Bau").content.decode()
    assert "Bau A" in shown and "How the file was read" in shown and "Amounts were multiplied by 1,000" in shown
    done = client.post(reverse("portfolio:import-apply", args=[draft().uid]), follow=True).content.decode()
    assert "Only sheet “Bau” was read." in done
    assert Project.objects.get(name="Bau A").budget == 7_000_00


def test_the_same_value_rejected_in_many_rows_is_shown_once_with_its_rows(cast: Cast) -> None:
    rows = "\n".join(f"P-{i};Projekt {i};{i % 3 + 1}" for i in range(30))
    client = cast.client("petra")
    upload(client, f"Projektnummer;Projektname;Ampel\n{rows}\n", "liste.csv")
    shown = choose(client).content.decode()
    assert shown.count("is not a traffic light") == 3 and "2, 5, 8, 11, 14, 17 … (10)" in shown
    lines = client.get(reverse("portfolio:import-rejected", args=[draft().uid])).content.decode().strip().splitlines()
    assert len(lines) == 31  # the file for the owner of the list has a line for each
