"""Pages of reporting: who may, what they show, and what bad input does."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from stellwerk.core.registry import actions_for, duties_of, panels_for
from stellwerk.reporting.forms import ReportForm
from stellwerk.reporting.models import Cycle, StatusReport
from stellwerk.reporting.services import (
    accept_report,
    publish_report,
    return_report,
    save_report,
    start_report,
    submit_report,
)
from stellwerk.reporting.tests.conftest import DATA_DATE, complete, published


@pytest.fixture
def report(alpha, cast):
    return start_report(project=alpha, by=cast.paul, data_date=DATA_DATE)


def posted(report, **changes):
    """The whole form as the browser sends it."""
    form = ReportForm(report)
    data = {"version": report.version, "summary": form.summary.value, "action": "save"}
    boxes = [*form.achieved, *form.next_steps, *form.figures]
    boxes += [box for row in form.decisions for box in row.boxes]
    boxes += [box for row in form.lights for box in row.path]
    boxes += [row[key] for row in form.gates for key in ("forecast", "actual")]
    data |= {box.name: box.value for box in boxes}
    data |= {f"light_{row.dimension}": row.value for row in form.lights}
    data |= {f"reason_{row.dimension}": row.reason for row in form.lights}
    return data | changes


def path(*names):
    values = {"cause": "Interfaces", "measure": "Second team", "owner": "Paul", "due": "15.01.2027"}
    return {f"path_{name}_{key}": value for name in names for key, value in values.items()}


def test_paul_starts_writes_and_submits_his_report_from_the_project(alpha, cast, rf):
    client = cast.client("paul")
    request = rf.get("/")
    request.user = cast.paul
    action = next(row for row in actions_for(request, alpha) if row["action"].code == "status_report")
    assert "Start the report" in client.get(action["url"]).content.decode()
    response = client.post(action["url"])
    report = StatusReport.objects.get()
    assert response.url == reverse("reporting:report-edit", args=[report.key])
    assert client.get(response.url).status_code == 200
    answer = client.post(
        response.url, posted(report, summary="The pilot runs.", action="submit", **path("schedule", "cost"))
    )
    assert answer.status_code == 302, answer.content.decode()
    report.refresh_from_db()
    assert (report.state, report.path_to_green["cost"]["due"]) == ("submitted", "2027-01-15")


def test_an_unchanged_form_changes_nothing(report, cast):
    cast.client("paul").post(reverse("reporting:report-edit", args=[report.key]), posted(report))
    report.refresh_from_db()
    assert report.version == 1


def test_the_watermelon_is_refused_in_place_with_the_input_kept(report, cast):
    url = reverse("reporting:report-edit", args=[report.key])
    answer = cast.client("paul").post(
        url, posted(report, light_schedule="green", reason_schedule="fine", summary="Kept text")
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "20 characters" in page
    assert "Kept text" in page


def test_what_is_missing_for_the_submission_is_marked_at_its_field_and_the_draft_is_kept(report, cast):
    data = posted(report) | {"action": "submit", "summary": "Kept."}
    response = cast.client("paul").post(reverse("reporting:report-edit", args=[report.key]), data)
    page = response.content.decode()
    assert 'aria-describedby="err_path_cost_cause"' in page and 'id="err_path_cost_cause"' in page
    assert "err_path_cost_owner" not in page, "the manager is prefilled"
    assert "Nothing has been saved" not in page
    report.refresh_from_db()
    assert (report.state, report.summary) == ("draft", "Kept.")


def test_what_the_last_report_announced_is_offered_as_achieved(alpha, cast):
    first = start_report(project=alpha, by=cast.paul, data_date=dt.date(2026, 11, 6))
    save_report(report=first, values={"next_steps": ["Pour the foundation"]}, by=cast.paul)
    first = submit_report(report=complete(StatusReport.objects.get(pk=first.pk), cast.paul), by=cast.paul)
    publish_report(report=accept_report(report=first, by=cast.anton), by=cast.petra)
    second = start_report(project=alpha, by=cast.paul, data_date=DATA_DATE)
    page = cast.client("paul").get(reverse("reporting:report-edit", args=[second.key])).content.decode()
    assert '<datalist id="announced"><option value="Pour the foundation"></option></datalist>' in page
    assert page.count('list="announced"') == 5


def test_the_deadline_of_a_return_stands_on_my_day(report, cast):
    submit_report(report=complete(report, cast.paul), by=cast.paul)
    report = return_report(report=StatusReport.objects.get(pk=report.pk), by=cast.anton, reason="ETC is missing")
    duty = next(duty for duty in duties_of(cast.paul) if duty.kind == "report")
    assert duty.due == timezone.localdate(report.return_due)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("figure_progress", "a lot", "is not a number"),
        ("figure_finish.forecast", "soon", "day"),
        ("gate_1_forecast", "31.02.2027", "31.02.2027"),
        ("gate_1_actual", "01.03.2027", "after the data date"),
        ("summary", "x" * 601, "600"),
        ("path_cost_due", "never", "day"),
        ("decision_0_due", "01.12.2026", "What is to be decided?"),
    ],
)
def test_bad_input_is_named_at_its_field_and_nothing_is_saved(report, cast, field, value, message):
    answer = cast.client("paul").post(
        reverse("reporting:report-edit", args=[report.key]), posted(report, **{field: value})
    )
    assert answer.status_code == 422
    assert message in answer.content.decode()
    report.refresh_from_db()
    assert report.version == 1


def test_a_stale_page_shows_both_values_and_saving_again_keeps_mine(report, cast):
    url = reverse("reporting:report-edit", args=[report.key])
    old = posted(report, summary="From Paul")
    save_report(report=report, values={"summary": "From Petra"}, by=cast.petra)
    answer = cast.client("paul").post(url, old)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "From Paul" in page
    assert "From Petra" in page
    cast.client("paul").post(url, old | {"version": 2})
    report.refresh_from_db()
    assert report.summary == "From Paul"


def test_typed_figures_are_read_in_thousands_and_in_the_language_of_the_reader(report, cast):
    cast.paul.language = "de"
    cast.paul.save()
    report.figures = {code: entry | {"source": "imported"} for code, entry in report.figures.items()}
    report.save()
    cast.client("paul").post(reverse("reporting:report-edit", args=[report.key]), posted(report, figure_eac="570,5"))
    report.refresh_from_db()
    assert report.figures["eac"]["value"] == "57050000"
    assert report.figures["eac"]["typed"] is True


@pytest.mark.parametrize("name", ["olga", "tom", "uwe", "walter", "ada", "stefan"])
def test_a_draft_is_hidden_from_others(report, cast, name):
    for route in ("report-detail", "report-edit"):
        assert cast.client(name).get(reverse(f"reporting:{route}", args=[report.key])).status_code in {403, 404}


def test_a_published_report_is_drawn_from_its_snapshot_alone(report, cast):
    done = published(cast, data_date=DATA_DATE)
    cast.project.name = "Renamed afterwards"
    cast.project.save()
    StatusReport.objects.filter(pk=done.pk).update(summary="Tampered")
    page = cast.client("stefan").get(reverse("reporting:report-detail", args=[done.key])).content.decode()
    assert "Elektrolyse Lubmin" in page
    assert "Tampered" not in page.split("<main", 1)[1].split("rp-sheet", 1)[1]
    assert "unchanged since publication" in page


def test_a_snapshot_that_was_tampered_with_says_so(report, cast):
    done = published(cast, data_date=DATA_DATE)
    payload = done.snapshot.payload
    payload["data"]["summary"] = "All is well"
    type(done.snapshot).objects.filter(pk=done.snapshot_id).update(payload=payload)
    page = cast.client("petra").get(reverse("reporting:report-detail", args=[done.key])).content.decode()
    assert "unchanged since publication" not in page
    assert "changed since publication" in page


def test_every_figure_of_a_published_report_opens_to_its_source(report, cast):
    done = published(cast, data_date=DATA_DATE)
    client = cast.client("stefan")
    for code in (
        "eac",
        "bac",
        "ac",
        "spi_t",
        "cpi",
        "vac",
        "etc",
        "budget",
        "light.schedule",
        "light.overall",
        "gate.G3",
    ):
        page = client.get(reverse("reporting:report-figure", args=[done.key, code]))
        assert page.status_code == 200, code
        assert code in page.content.decode()
    assert "earned value" in client.get(reverse("reporting:report-figure", args=[done.key, "eac"])).content.decode()
    assert client.get(reverse("reporting:report-figure", args=[done.key, "nonsense"])).status_code == 404


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_one_page_document_can_be_downloaded(report, cast, language):
    done = published(cast, data_date=DATA_DATE)
    answer = cast.client("stefan").get(reverse("reporting:report-document", args=[done.key]) + f"?lang={language}")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_script_in_a_narrative_is_shown_as_text(report, cast):
    save_report(report=report, values={"summary": "<script>alert(1)</script>"}, by=cast.paul)
    page = cast.client("paul").get(reverse("reporting:report-detail", args=[report.key])).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_pmo_confirms_an_override_on_the_page(report, cast):
    save_report(
        report=report,
        values={},
        lights={"schedule": {"value": "green", "reason": "Everything was tested this week."}},
        by=cast.paul,
    )
    submit_report(report=complete(StatusReport.objects.get(pk=report.pk), cast.paul), by=cast.paul)
    url = reverse("reporting:report-light", args=[report.key])
    assert cast.client("anton").post(url, {"dimension": "schedule", "decision": "confirm"}).status_code == 403
    assert cast.client("petra").post(url, {"dimension": "schedule", "decision": "confirm"}).status_code == 302
    page = cast.client("petra").get(reverse("reporting:report-detail", args=[report.key])).content.decode()
    assert "calculated" in page
    assert cast.client("petra").post(url, {"dimension": "nonsense"}).status_code == 409


def test_the_cycle_page_says_who_has_not_delivered(alpha, cast):
    cycle = Cycle.objects.create(
        key="CYC-0001", portfolio=cast.portfolio, number=2, data_date=DATA_DATE, state="planned"
    )
    from stellwerk.core.states import advance

    advance(cycle, "open", by=cast.petra)
    page = cast.client("petra").get(reverse("reporting:cycle-detail", args=["CYC-0001"])).content.decode()
    assert "2 reports</a> of 2 are missing" in page
    assert cast.client("petra").post(reverse("reporting:cycle-remind", args=["CYC-0001"])).status_code == 302
    assert cast.client("paul").post(reverse("reporting:cycle-remind", args=["CYC-0001"])).status_code == 403
    assert cast.client("uwe").get(reverse("reporting:cycle-detail", args=["CYC-0001"])).status_code == 403
    paul = cast.client("paul").get(reverse("reporting:cycle-detail", args=["CYC-0001"])).content.decode()
    assert "PRJ-0002" not in paul.split("<main", 1)[1]


def test_cells_of_a_cycle_that_say_nothing_are_marked_so_that_cards_leave_them_out(alpha, cast):
    cycle = Cycle.objects.create(
        key="CYC-0001", portfolio=alpha.portfolio, number=1, data_date=DATA_DATE, state="collecting"
    )
    StatusReport.objects.filter(project=alpha).delete()
    page = cast.client("petra").get(reverse("reporting:cycle-detail", args=[cycle.key])).content.decode()
    table = page[page.index('<table class="t') :].partition("</table>")[0]
    for label in ("Since", "Plausibility"):
        cells = re.findall(rf'<td[^>]* data-l="{label}">(.*?)</td>', table, re.DOTALL)
        assert cells and all(cell.strip() == '<span class="mut nil">–</span>' for cell in cells), label


def test_cycles_are_previewed_and_then_planned(cast):
    client = cast.client("petra")
    url = reverse("reporting:cycle-plan")
    assert "04" in client.get(url).content.decode()
    assert client.post(url, {"portfolio": cast.portfolio.key, "count": "3"}).status_code == 302
    assert Cycle.objects.count() == 3
    assert client.post(url, {"portfolio": cast.portfolio.key, "count": "900"}).status_code == 422
    assert client.get(url + "?portfolio=UNKNOWN").status_code == 404
    assert cast.client("paul").get(url).status_code == 403


def test_lists_and_empty_pages_answer(cast):
    for name in ("petra", "paul", "stefan"):
        for route in ("report-list", "cycle-list", "deck"):
            assert cast.client(name).get(reverse(f"reporting:{route}")).status_code == 200, (name, route)
    assert cast.client("petra").get(reverse("reporting:template-list")).status_code == 200
    assert cast.client("paul").get(reverse("reporting:template-list")).status_code == 403


def test_what_waits_stands_on_my_day(report, cast):
    assert [duty.kind for duty in duties_of(cast.paul) if duty.kind == "report"] == ["report"]
    submit_report(report=complete(report, cast.paul), by=cast.paul)
    assert not [duty for duty in duties_of(cast.paul) if duty.kind == "report"]
    assert any("PRJ-0001" in duty.text for duty in duties_of(cast.anton))


def test_a_decision_asked_for_waits_for_whoever_decides_until_a_later_report_no_longer_asks(alpha, cast):
    asked = [{"question": "Second supplier?", "decided_by": "Board", "due": "2026-11-30", "impact": "310 k€"}]
    report = complete(start_report(project=alpha, by=cast.paul, data_date=DATA_DATE), cast.paul)
    report = save_report(report=report, values={"decisions": asked}, by=cast.paul)
    assert not duties_of(cast.users["stefan"], "approval"), "not published yet"
    report = accept_report(report=submit_report(report=report, by=cast.paul), by=cast.anton)
    publish_report(report=report, by=cast.petra)
    for name in ("stefan", "elke"):
        duty = duties_of(cast.users[name], "approval")[0]
        assert (duty.about, duty.title, duty.due) == ("Elektrolyse Lubmin", "Second supplier?", dt.date(2026, 11, 30))
        assert "Second supplier?" in cast.client(name).get("/portfolio/").content.decode()
    for name in ("tom", "conny", "paul"):
        assert not duties_of(cast.users[name], "approval"), name
    later = start_report(project=alpha, by=cast.paul, data_date=DATA_DATE + dt.timedelta(14))
    later = save_report(report=complete(later, cast.paul), values={"decisions": []}, by=cast.paul)
    publish_report(report=accept_report(report=submit_report(report=later, by=cast.paul), by=cast.anton), by=cast.petra)
    assert not duties_of(cast.users["stefan"], "approval")


def test_the_running_cycle_stands_on_my_day_of_those_who_may_see_it(cast):
    Cycle.objects.create(key="CYC-1", portfolio=cast.portfolio, number=11, data_date=DATA_DATE, state="collecting")
    assert "Cycle 11" in cast.client("petra").get("/").content.decode()
    assert "Cycle 11" not in cast.client("tom").get("/").content.decode()


def test_the_cockpit_shows_reports_that_its_reader_may_see(report, cast, rf):
    done = published(cast, data_date=DATA_DATE)
    for name, count in (("stefan", 1), ("paul", 1), ("olga", None)):
        request = rf.get("/")
        request.user = cast.users[name]
        panels = {row["panel"].code: row["context"] for row in panels_for(request, cast.project)}
        shown = panels.get("reports")
        assert (len(shown["lines"]) if shown else None) == count, name
    assert done.key


def test_a_template_without_placeholders_is_refused_with_what_is_missing(cast, tmp_path):
    from pptx import Presentation

    empty = Presentation()
    for layout in list(empty.slide_layouts):
        for shape in list(layout.placeholders):
            shape._element.getparent().remove(shape._element)
    empty.save(tmp_path / "empty.pptx")
    file = SimpleUploadedFile("empty.pptx", (tmp_path / "empty.pptx").read_bytes())
    answer = cast.client("petra").post(
        reverse("reporting:template-list"), {"organisation": cast.organisation.pk, "name": "", "file": file}
    )
    assert answer.status_code == 422
    assert "placeholder" in answer.content.decode()
    text = SimpleUploadedFile("x.pptx", b"hello")
    assert (
        cast.client("petra")
        .post(reverse("reporting:template-list"), {"organisation": cast.organisation.pk, "file": text})
        .status_code
        == 422
    )


def test_a_good_template_is_kept_and_used(cast, settings, tmp_path):
    from stellwerk.core.documents.pptx_template import default_presentation
    from stellwerk.reporting.services.decks import active_template

    default_presentation().save(tmp_path / "own.pptx")
    file = SimpleUploadedFile("own.pptx", (tmp_path / "own.pptx").read_bytes())
    answer = cast.client("petra").post(
        reverse("reporting:template-list"), {"organisation": cast.organisation.pk, "name": "", "file": file}
    )
    assert answer.status_code == 302
    template = active_template(cast.portfolio)
    assert template.name == "own"
    cast.client("petra").post(reverse("reporting:template-switch", args=[template.pk]), {"active": "0"})
    assert active_template(cast.portfolio) is None


def test_counts_have_no_decimals_and_gates_no_code_twice():
    from stellwerk.reporting.payload import Figure, MilestoneLine
    from stellwerk.reporting.report_sheet import figure_words

    assert figure_words("plan.critical", Figure("7.0000")) == "7"
    assert figure_words("cpi", Figure("0.9655")) == "0.97"
    assert MilestoneLine("G1 Planungsfreigabe", "G1").label == "Planungsfreigabe"
