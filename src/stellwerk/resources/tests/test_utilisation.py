"""Utilisation: groups of five, single people by agreement only, each reading recorded; figures counted by hand."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from stellwerk.core.attachments import attach
from stellwerk.core.errors import NotAllowed
from stellwerk.core.models import AuditEntry
from stellwerk.people.models import Person
from stellwerk.resources.models import HoursMonth, TimeSheet
from stellwerk.resources.selectors.timesheets_hours import actual_minutes_of
from stellwerk.resources.selectors.utilisation import evaluable_people, last_months, use_of_person, use_of_units
from stellwerk.resources.services.timesheets_agreements import record_agreement
from stellwerk.resources.tests.sheets import WEEK, approved, colleagues

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 12, 10)


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    for module in ("services.timesheets", "guards_timesheets", "selectors.timesheets_access", "selectors.utilisation"):
        monkeypatch.setattr(f"stellwerk.resources.{module}.timezone.localdate", lambda: TODAY)


def agreed(cast, *, individual):
    found = record_agreement(
        values={
            "organisation": cast.organisation, "reference": "BV 12/2026", "purpose": "Capacity", "individual": individual,
            "signed_on": dt.date(2026, 11, 1), "valid_from": dt.date(2026, 11, 1),
        }, by=cast.petra,
    )  # fmt: skip
    attach(found, file=SimpleUploadedFile("bv.pdf", b"%PDF-1.4 signed"), by=cast.petra)
    return found


def november(cast, who="petra"):
    """Recorded minutes of Rita's unit in November."""
    (line,) = [one for one in use_of_units(getattr(cast, who), last_months())[0] if one.unit == cast.unit]
    return line.months[-1]


def test_the_last_six_whole_months_are_read():
    periods = last_months(TODAY)
    assert (periods.first, periods.last, len(periods)) == (dt.date(2026, 6, 1), dt.date(2026, 11, 30), 6)


def test_units_of_five_recorders_are_shown_and_smaller_ones_withheld(cast):
    colleagues(cast, 4)
    assert november(cast).recorded is None
    fifth = Person.objects.create(key="PER-77", first_name="A", last_name="B", unit=cast.unit)
    HoursMonth.objects.create(project=cast.project, person=fifth, month=202611, minutes=30, capitalisable=0)
    assert november(cast).recorded == 4 * 60 + 30
    for who in ("anton", "rita", "conny"):
        assert november(cast, who).recorded == 270
    assert use_of_units(cast.tom, last_months()) == ([], [])


def test_a_small_unit_without_hours_tells_nothing(cast):
    Person.objects.filter(unit=cast.other_unit).update(unit=cast.unit)
    Person.objects.create(key="PER-77", first_name="A", last_name="B", unit=cast.other_unit)
    lines = {one.unit: one for one in use_of_units(cast.petra, last_months())[0]}
    assert all(month.recorded is None for month in lines[cast.other_unit].months)


def test_the_total_is_withheld_where_the_few_could_be_reckoned_back(cast):
    """Six record in one unit, which is shown; one in another: total less the shown one would be the one. With five there it is shown."""
    colleagues(cast, 6)
    others = [
        Person.objects.create(key=f"PER-8{n}", first_name="A", last_name=f"B{n}", unit=cast.other_unit)
        for n in range(5)
    ]
    HoursMonth.objects.create(project=cast.project, person=others[0], month=202611, minutes=30, capitalisable=0)
    assert use_of_units(cast.petra, last_months())[1][-1].recorded is None
    for person in others[1:]:
        HoursMonth.objects.create(project=cast.project, person=person, month=202611, minutes=30, capitalisable=0)
    assert use_of_units(cast.petra, last_months())[1][-1].recorded == 6 * 60 + 5 * 30


def test_figures_of_one_person_are_counted_by_hand(cast):
    """November 2026 in Hamburg has 21 working days of 8 hours; 20 hours recorded are 20 / 168."""
    approved(cast)
    use = use_of_person(cast.tom, cast.people["tom"], last_months())
    last = use.months[-1]
    assert (last.net, last.booked, last.recorded) == (168 * 60, 0, 1200)
    assert last.recorded_ratio == pytest.approx(20 / 168)
    assert use.projects == [(cast.project, 1200)]
    assert AuditEntry.objects.filter(verb="read_hours").count() == 0


def test_without_capacity_there_is_no_ratio(cast):
    Person.objects.filter(pk=cast.people["tom"].pk).update(exit_date=dt.date(2026, 1, 1))
    use = use_of_person(cast.tom, cast.people["tom"], last_months())
    assert [month.recorded_ratio for month in use.months] == [None] * 6


@pytest.mark.parametrize("agreement", [None, False])
@pytest.mark.parametrize("who", ["petra", "rita"])
def test_nobody_else_reads_a_person_without_an_agreement_that_says_so(cast, who, agreement):
    approved(cast)
    if agreement is not None:
        agreed(cast, individual=agreement)
    with pytest.raises(NotAllowed):
        use_of_person(getattr(cast, who), cast.people["tom"], last_months())
    assert evaluable_people(getattr(cast, who)) == []
    assert (
        cast.client(who).get(reverse("resources:utilisation-person", args=[cast.people["tom"].key])).status_code == 403
    )


def test_an_agreement_without_the_word_on_single_people_opens_no_small_sum(cast):
    colleagues(cast, 2)
    agreed(cast, individual=False)
    assert november(cast).recorded is None
    assert actual_minutes_of(cast.project, cast.petra) is None


def test_an_agreement_opens_single_people_and_each_reading_stands_in_the_history(cast):
    sheet = approved(cast)
    agreed(cast, individual=True)
    tom = cast.people["tom"]
    assert tom in evaluable_people(cast.petra)
    page = cast.client("rita").get(reverse("resources:utilisation-person", args=[tom.key]))
    assert page.status_code == 200
    assert "BV 12/2026" in page.content.decode()
    (entry,) = AuditEntry.objects.filter(verb="read_hours")
    assert (entry.actor, entry.entity_type, entry.entity_id) == (cast.rita, "people.person", tom.pk)
    assert "BV 12/2026" in entry.reason
    cast.client("conny").get(reverse("resources:timesheet-detail", args=[sheet.pk]))
    assert AuditEntry.objects.filter(verb="read_hours").count() == 2
    assert AuditEntry.objects.filter(verb="read_hours", actor=cast.conny).exists()


def test_the_approver_and_the_person_are_not_recorded(cast):
    sheet = approved(cast)
    agreed(cast, individual=True)
    for who in ("rita", "tom"):
        cast.client(who).get(reverse("resources:timesheet-detail", args=[sheet.pk]), follow=True)
    cast.client("tom").get(reverse("resources:utilisation-person", args=[cast.people["tom"].key]))
    assert not AuditEntry.objects.filter(verb="read_hours").exists()


@pytest.mark.parametrize("who", ["anton", "conny", "paul", "stefan", "elke", "walter", "ada", "uwe", "olga"])
def test_others_do_not_read_a_person_even_with_an_agreement(cast, who):
    agreed(cast, individual=True)
    page = cast.client(who).get(reverse("resources:utilisation-person", args=[cast.people["tom"].key]))
    assert page.status_code in {403, 404}
    assert not AuditEntry.objects.filter(verb="read_hours").exists()


def test_the_page_of_units_names_nobody_without_an_agreement(cast):
    colleagues(cast, 5)
    assert TimeSheet.objects.filter(monday=WEEK).count() == 5
    text = cast.client("petra").get(reverse("resources:utilisation")).content.decode()
    assert "Nr 0" not in text
    agreed(cast, individual=True)
    assert "Nr 0" in cast.client("petra").get(reverse("resources:utilisation")).content.decode()
