"""The steering committee's pack: from snapshots and imported statuses, only what the publisher may see."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from stellwerk.core.errors import Invalid, NotAllowed, Refused
from stellwerk.core.jobs import run_pending
from stellwerk.core.models import Job, Snapshot
from stellwerk.portfolio.models import ProjectStatus
from stellwerk.portfolio.services.figures import FigureRow, write_figures
from stellwerk.reporting import selectors
from stellwerk.reporting.models import Cycle
from stellwerk.reporting.pack import deck_payload, may_see_all, publish_pack, render_deck
from stellwerk.reporting.payload import Money
from stellwerk.reporting.services import accept_report, publish_report, save_report, start_report, submit_report
from stellwerk.reporting.services.decks import request_deck
from stellwerk.reporting.tests.conftest import DATA_DATE, PATH, alpha_figures, complete, published

FIRST, SECOND = dt.date(2025, 3, 31), dt.date(2026, 3, 31)


def imported(project, on, light, *, eac=None, half=False, reported="", summary=""):
    rows = [
        FigureRow(
            project.pk,
            "light.overall",
            on,
            light=light,
            half_step=half,
            reported=reported,
            source="imported",
            source_label="list.csv",
        )
    ]
    if eac is not None:
        rows.append(
            FigureRow(project.pk, "eac", on, amount=eac, currency="EUR", source="imported", source_label="list.csv")
        )
        rows.append(
            FigureRow(
                project.pk, "bac", on, amount=10_000_00, currency="EUR", source="imported", source_label="list.csv"
            )
        )
    write_figures(rows=rows, by=None)
    ProjectStatus.objects.create(project=project, date=on, source="imported", source_label="list.csv", summary=summary)


@pytest.fixture
def editions(cast):
    """A portfolio that is only imported: two yearly editions, one project new in the second, one gone."""
    imported(cast.project, FIRST, "green", eac=10_000_00)
    imported(cast.project, SECOND, "amber", eac=12_000_00, half=True, reported="Amber/Red", summary="More expensive")
    imported(cast.other_project, FIRST, "red")
    new = cast.project.__class__.objects.create(key="PRJ-0003", name="New", portfolio=cast.portfolio)
    imported(new, SECOND, "red")
    return cast.portfolio


def test_an_imported_portfolio_gives_a_deck_with_the_counts_of_its_file(editions, cast):
    payload = deck_payload(editions, None, cast.petra)
    assert payload.data_date == SECOND
    assert payload.previous_date == FIRST
    assert {p.key: (p.overall.value, p.overall.source) for p in payload.projects} == {
        "PRJ-0001": ("amber", "reported"), "PRJ-0003": ("red", "reported"),
    }  # fmt: skip
    counts = {row.on: (row.red, row.amber, row.green, row.grey) for row in payload.history}
    assert counts == {FIRST: (1, 0, 1, 0), SECOND: (1, 1, 0, 0)}
    assert not payload.late


def test_a_five_point_light_keeps_its_value_and_half_step(editions, cast):
    light = deck_payload(editions, None, cast.petra).projects[0].overall
    assert (light.reported_value, light.half_step, light.previous, light.arrow) == (
        "Amber/Red",
        "worse",
        "green",
        "down",
    )


def test_changes_name_new_gone_lights_and_money(editions, cast):
    lines = {(line.project_key, line.kind): line for line in deck_payload(editions, None, cast.petra).changes}
    assert set(lines) == {("PRJ-0001", "light"), ("PRJ-0001", "eac"), ("PRJ-0003", "new"), ("PRJ-0002", "ended")}
    assert lines["PRJ-0001", "eac"].after_money == Money(12_000_00, "EUR")


def test_the_deck_of_an_earlier_date_shows_that_date(editions, cast):
    payload = deck_payload(editions, dt.date(2025, 12, 31), cast.petra)
    assert (payload.data_date, payload.previous_date, len(payload.projects)) == (FIRST, None, 2)
    assert not payload.changes


def test_without_any_status_the_deck_says_what_to_do(cast):
    with pytest.raises(Refused) as caught:
        publish_pack(cast.portfolio, None, cast.petra)
    assert caught.value.code == "no_data"
    assert not Snapshot.objects.exists()


def test_a_published_report_counts_before_the_figures(alpha, cast):
    done = published(cast, data_date=DATA_DATE)
    alpha_figures(cast.project, eac=400_000_00)
    payload = deck_payload(cast.portfolio, None, cast.petra)
    project = next(row for row in payload.projects if row.key == "PRJ-0001")
    assert project == selectors.status_payload_of(done.snapshot)
    assert [(row.key, row.state) for row in payload.late] == [("PRJ-0002", "missing")]


def test_an_old_colour_is_never_carried_forward(alpha, cast):
    published(cast, data_date=dt.date(2026, 10, 9))
    published(cast, cast.other_project, cast.olga, dt.date(2026, 11, 20))
    payload = deck_payload(cast.portfolio, None, cast.petra)
    project = next(row for row in payload.projects if row.key == "PRJ-0001")
    assert project.overall.value == "grey"
    assert payload.late[0].last_data_date == dt.date(2026, 10, 9)


def test_the_pack_contains_only_what_its_publisher_may_see_and_counts_the_rest(editions, cast):
    cast.project.confidentiality = "strict"
    cast.project.save()
    mine = deck_payload(editions, None, cast.anton)
    assert [row.key for row in mine.projects] == ["PRJ-0003"]
    assert mine.hidden_count == 1
    assert len(deck_payload(editions, None, cast.petra).projects) == 2
    full = publish_pack(editions, None, cast.petra)
    assert may_see_all(cast.petra, full)
    assert not may_see_all(cast.anton, full)


@pytest.mark.parametrize("name", ["tom", "uwe", "walter", "ada"])
def test_who_may_not_export_a_portfolio_gets_no_pack(editions, cast, name):
    with pytest.raises(NotAllowed):
        publish_pack(editions, None, cast.users[name])
    with pytest.raises(NotAllowed):
        request_deck(portfolio=editions, data_date=None, lang="de", fmt="pptx", by=cast.users[name])


def test_the_same_pack_is_frozen_once(editions, cast):
    first = publish_pack(editions, None, cast.petra)
    assert publish_pack(editions, SECOND, cast.petra) == first
    imported(cast.other_project, SECOND, "green")
    assert publish_pack(editions, None, cast.petra) != first


@pytest.mark.parametrize("fmt", ["pptx", "pdf", "xlsx"])
@pytest.mark.parametrize("lang", ["de", "en"])
def test_a_pack_renders_in_every_format_and_language(editions, cast, fmt, lang):
    target = io.BytesIO()
    made = render_deck(publish_pack(editions, None, cast.petra), lang, fmt, target)
    assert len(made.slides) > 3
    assert target.getvalue()[:4] in {b"PK\x03\x04", b"%PDF"}


def test_the_button_makes_the_deck_in_the_background(editions, cast):
    client = cast.client("petra")
    page = client.get(reverse("reporting:deck-portfolio", args=[editions.key]))
    assert "31 Mar 2026" in page.content.decode()
    answer = client.post(
        reverse("reporting:deck"), {"portfolio": editions.key, "date": "2026-03-31", "lang": "en", "fmt": "pdf"}
    )
    job = Job.objects.get(name="reporting.render_deck")
    assert answer.url == reverse("jobs:detail", args=[job.uid])
    run_pending()
    job.refresh_from_db()
    assert job.state == "done", job.error
    file = client.get(job.result_url)
    assert b"".join(file.streaming_content).startswith(b"%PDF")
    assert "deck-ANLAGEN-2026-03-31-en.pdf" in file["Content-Disposition"]
    assert cast.client("anton").get(job.result_url).status_code == 404


def test_bad_choices_are_refused_in_place(editions, cast):
    client = cast.client("petra")
    for data in (
        {"lang": "fr", "fmt": "pdf"},
        {"lang": "de", "fmt": "exe"},
        {"lang": "de", "fmt": "pdf", "date": "soon"},
    ):
        assert client.post(reverse("reporting:deck"), {"portfolio": editions.key, **data}).status_code == 422
    assert client.post(reverse("reporting:deck"), {"portfolio": "UNKNOWN"}).status_code == 404
    with pytest.raises(Invalid):
        request_deck(portfolio=editions, data_date=None, lang="fr", fmt="exe", by=cast.petra)


# ── the command ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("ending", ["pptx", "pdf", "xlsx"])
def test_the_command_writes_the_deck(editions, tmp_path, capsys, ending):
    target = tmp_path / f"deck.{ending}"
    call_command("report_deck", portfolio=editions.key, output=str(target), lang="en")
    assert target.stat().st_size > 1000
    assert "2026-03-31" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"portfolio": "UNKNOWN"}, "ANLAGEN"),
        ({"output": "deck.docx"}, ".pptx, .pdf or .xlsx"),
        ({"output": "missing/deck.pdf"}, "folder"),
        ({"date": "2020-01-01"}, "no reported status"),
        ({"date": "soon"}, "2026-12-24"),
        ({"as_user": "nobody@example.com"}, "nobody@example.com"),
    ],
)
def test_the_command_says_what_is_wrong_and_writes_nothing(editions, tmp_path, changes, message):
    options = {"portfolio": editions.key, "output": "deck.pdf", "lang": "en"} | changes
    options["output"] = str(tmp_path / options["output"])
    with pytest.raises(CommandError, match=message) as caught:
        call_command("report_deck", **options, stdout=io.StringIO())
    assert caught.value.returncode in {1, 2}
    assert not list(tmp_path.iterdir())


def test_the_command_refuses_a_template_without_placeholders(editions, tmp_path):
    bad = tmp_path / "bad.pptx"
    bad.write_bytes(b"PK\x03\x04 no")
    with pytest.raises(CommandError, match="template"):
        call_command(
            "report_deck",
            portfolio=editions.key,
            output=str(tmp_path / "deck.pptx"),
            template=str(bad),
            lang="en",
            stdout=io.StringIO(),
        )
    assert not (tmp_path / "deck.pptx").exists()


def test_the_number_of_queries_of_a_pack_does_not_grow_with_the_projects(editions, cast, django_assert_max_num_queries):
    for number in range(30):
        project = cast.project.__class__.objects.create(key=f"PRJ-1{number:03d}", name=f"P{number}", portfolio=editions)
        imported(project, SECOND, "green")
    with django_assert_max_num_queries(40):  # the S-curve of the portfolio reads eight more
        deck_payload(editions, None, cast.petra)


# ── follow-up, comparison and money over the dates ───────────────────────────────────────────────

LATER = DATA_DATE + dt.timedelta(days=14)
ASKED = {"question": "Second supplier?", "decided_by": "Committee", "due": "2026-12-01"}


def report_with(cast, on, decisions, path):
    report = complete(start_report(project=cast.project, by=cast.paul, data_date=on), cast.paul)
    report = save_report(report=report, values={"decisions": decisions, "path_to_green": path}, by=cast.paul)
    report = accept_report(report=submit_report(report=report, by=cast.paul), by=cast.anton)
    return publish_report(report=report, by=cast.petra)


def test_the_deck_follows_up_what_the_last_report_asked_for_and_promised(alpha, cast):
    first = {"schedule": PATH, "cost": PATH | {"measure": "Drop option 3"}}
    report_with(cast, DATA_DATE, [ASKED, ASKED | {"question": "More budget?"}], first)
    second = {"schedule": PATH | {"due": "2027-02-01"}, "cost": PATH | {"measure": "Negotiate"}}
    report_with(cast, LATER, [ASKED | {"question": "second  SUPPLIER?", "due": "2026-12-15"}], second)
    lines = {line.text: line for line in deck_payload(cast.portfolio, None, cast.petra).follow_up}
    assert {text: line.state for text, line in lines.items()} == {
        "Second supplier?": "open", "More budget?": "gone", "Second team": "open", "Drop option 3": "gone",
    }  # fmt: skip
    assert (lines["Second supplier?"].due_before, lines["Second supplier?"].due) == (
        dt.date(2026, 12, 1),
        dt.date(2026, 12, 15),
    )
    assert lines["Second team"].due == dt.date(2027, 2, 1)


def test_nothing_is_said_to_be_settled_where_this_time_no_report_came(alpha, cast):
    report_with(cast, DATA_DATE, [ASKED], {"schedule": PATH, "cost": PATH})
    Cycle.objects.create(key="C", portfolio=cast.portfolio, number=1, data_date=LATER, state="pmo_review")
    lines = [line for line in deck_payload(cast.portfolio, None, cast.petra).follow_up if line.project_key == alpha.key]
    assert {line.state for line in lines} == {"unknown"}


def test_a_first_report_is_compared_with_the_light_that_stood_before_it(alpha, cast):
    imported(cast.project, DATA_DATE - dt.timedelta(days=14), "green")
    done = published(cast, data_date=DATA_DATE)
    light = selectors.status_payload_of(done.snapshot).overall
    assert (light.value, light.previous, light.arrow) == ("red", "green", "down")
    project = next(row for row in deck_payload(cast.portfolio, None, cast.petra).projects if row.key == alpha.key)
    assert project.overall == light


def test_money_over_the_dates_adds_up_the_same_projects_at_every_date(cast):
    days = [SECOND, SECOND + dt.timedelta(days=30), SECOND + dt.timedelta(days=60)]
    for number, day in enumerate(days):
        for project, ac in ((cast.project, 1_000_00), (cast.other_project, None if number == 0 else 500_00)):
            imported(project, day, "green", eac=(20_000_00, 21_000_00, 22_000_00)[number])
            if ac is not None:
                write_figures(rows=[FigureRow(project.pk, "ac", day, amount=ac, currency="EUR")], by=None)
    trend = deck_payload(cast.portfolio, None, cast.petra).money_trend
    assert trend is not None
    assert trend.keys == (cast.project.key,)  # the other one's actual cost is unknown at the first date
    assert [(point.on, point.eac.minor) for point in trend.points] == [
        (days[0], 20_000_00),
        (days[1], 21_000_00),
        (days[2], 22_000_00),
    ]


def test_options_are_frozen_in_their_order_and_come_back_as_they_were_typed(alpha, cast):
    typed = "Second supplier: 310 k€ more\nStay: three weeks late"
    done = report_with(cast, DATA_DATE, [ASKED | {"options": typed}], {"schedule": PATH, "cost": PATH})
    (line,) = selectors.status_payload_of(done.snapshot).decisions
    assert [(option.name, option.effects, option.recommended) for option in line.options] == [
        ("Second supplier", (("", "310 k€ more"),), True),
        ("Stay", (("", "three weeks late"),), False),
    ]
    assert start_report(project=alpha, by=cast.paul, data_date=LATER).decisions[0]["options"] == typed


# ── deliveries between projects ──────────────────────────────────────────────────────────────────


@pytest.fixture
def delivery(editions, cast):
    """“Foundation” of PRJ-0001 is promised for 8 January 2027; PRJ-0002 needs it to begin on 11 January (its baseline)."""
    from stellwerk.planning.models import Link
    from stellwerk.planning.tests.plans import approved, at, example_plan

    giver, taker = example_plan(cast.project), example_plan(cast.other_project)
    needed = taker.activities.get(name="Hall")
    approved(taker, by=cast.petra, approver=None)
    link = Link.objects.create(plan=taker, predecessor=giver.activities.get(name="Foundation"), successor=needed)
    giver.activities.filter(name="Foundation").update(finish=at(2027, 1, 14, 17))
    return link


def test_the_deck_lists_a_delivery_that_comes_too_late(delivery, editions, cast, tmp_path):
    (line,) = deck_payload(editions, None, cast.petra).dependencies
    assert (line.giver, line.taker, line.deliverable) == ("PRJ-0001", "PRJ-0002", "Foundation")
    assert (line.needed_by, line.promised_for) == (dt.date(2027, 1, 8), dt.date(2027, 1, 14))
    assert line.delta_days == 4  # Monday to Thursday: four working days gone when Thursday ends
    snapshot = publish_pack(editions, None, cast.petra)
    target = tmp_path / "deck.pptx"
    render_deck(snapshot, "en", "pptx", target)
    from pptx import Presentation

    titles = [slide.shapes.title.text for slide in Presentation(str(target)).slides if slide.shapes.title is not None]
    assert any("PRJ-0001 to PRJ-0002 by 4 working days" in title for title in titles), titles


def test_a_frozen_deck_keeps_the_delivery_when_the_plan_moves(delivery, editions, cast):
    snapshot = publish_pack(editions, None, cast.petra)
    delivery.delete()
    assert not deck_payload(editions, None, cast.petra).dependencies
    assert len(selectors.deck_payload_of(snapshot).dependencies) == 1


def test_a_delivery_is_told_only_to_who_may_see_both_projects_and_not_of_the_past(delivery, editions, cast):
    assert not deck_payload(editions, dt.date(2025, 12, 31), cast.petra).dependencies
    cast.other_project.__class__.objects.filter(pk=cast.other_project.pk).update(confidentiality="strict")
    assert not deck_payload(editions, None, cast.anton).dependencies


def test_what_is_delivered_and_begun_is_no_longer_listed(delivery, editions, cast):
    from stellwerk.planning.tests.plans import at

    delivery.successor.__class__.objects.filter(pk=delivery.successor_id).update(actual_start=at(2027, 1, 15))
    assert not deck_payload(editions, None, cast.petra).dependencies
