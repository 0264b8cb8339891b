"""The house's own pay bands: entered, changed, ended, and what vacancies show of them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from stellwerk.core.errors import Invalid, NotAllowed, StaleEdit, WrongState
from stellwerk.staffing.models import PayBand
from stellwerk.staffing.pay_guidance import guidance_for
from stellwerk.staffing.services import pay_bands
from stellwerk.staffing.tests.company import Staffing


def band(made: Staffing, **fields: object) -> PayBand:
    values = {
        "organisation": made.cast.organisation, "role": made.cast.role, "least": 60_000_00, "most": 80_000_00,
        "unit": "year", "source": "House tariff", "day": dt.date(2026, 1, 1),
    }  # fmt: skip
    return pay_bands.create_band(values=values | fields, by=made.rosa)


def test_a_band_guides_the_vacancies_of_its_role_until_it_ends(staffed):
    vacancy = staffed.vacancies["raised"]
    assert not guidance_for(vacancy)[0].own
    row = band(staffed)
    assert [(one.least, one.most, one.own) for one in guidance_for(vacancy)] == [(60_000_00, 80_000_00, True)]
    pay_bands.end_band(band=row, by=staffed.rosa)
    assert not guidance_for(vacancy)[0].own
    band(staffed, most=85_000_00)
    assert guidance_for(vacancy)[0].most == 85_000_00 and PayBand.objects.count() == 2


def test_one_band_at_a_time_for_each_role_and_unit(staffed):
    band(staffed)
    with pytest.raises(Invalid) as told:
        band(staffed)
    assert set(told.value.errors) == {"role"}
    band(staffed, unit="hour", least=40_00, most=60_00)


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"least": 90_000_00}, "most"), ({"day": dt.date(2999, 1, 1)}, "day"), ({"least": -1}, "least")],
)
def test_what_contradicts_itself_is_told_at_the_field(staffed, fields, field):
    with pytest.raises(Invalid) as told:
        band(staffed, **fields)
    assert field in told.value.errors


def test_recruiters_alone_write_them(staffed):
    row = band(staffed)
    for user in (staffed.cast.petra, staffed.klaus, staffed.pia, staffed.frida, staffed.cast.paul):
        with pytest.raises(NotAllowed):
            pay_bands.end_band(band=row, by=user)
        with pytest.raises(NotAllowed):
            pay_bands.edit_band(band=row, values={"most": 81_000_00}, by=user)


def test_who_saw_an_older_version_is_told(staffed):
    row = band(staffed)
    pay_bands.edit_band(band=row, values={"most": 81_000_00}, by=staffed.rosa, version=1)
    with pytest.raises(StaleEdit):
        pay_bands.edit_band(band=row, values={"most": 82_000_00}, by=staffed.rosa, version=1)
    pay_bands.end_band(band=row, by=staffed.rosa)
    with pytest.raises(WrongState):
        pay_bands.edit_band(band=row, values={"most": 83_000_00}, by=staffed.rosa)


def test_the_pages_list_add_change_and_end(staffed):
    rosa = staffed.client_of("rosa")
    body = {
        "organisation": staffed.cast.organisation.pk, "role": staffed.cast.role.pk, "unit": "year", "least": "60,000",
        "most": "80,000", "source": "House tariff", "day": "2026-01-01",
    }  # fmt: skip
    assert rosa.get(reverse("staffing:band-list")).status_code == 200
    wrong = rosa.post(reverse("staffing:band-create"), body | {"most": "50,000"})
    assert wrong.status_code == 422 and "ends below where it begins" in wrong.content.decode()
    assert rosa.post(reverse("staffing:band-create"), body).status_code == 302
    row = PayBand.objects.get()
    assert (row.least, row.most, row.currency) == (60_000_00, 80_000_00, "EUR")
    page = reverse("staffing:band-detail", args=[row.pk])
    assert "End the band" in rosa.get(page).content.decode()
    assert rosa.post(page, body | {"version": 1, "most": "82,000"}).status_code == 302
    end = reverse("staffing:band-end", args=[row.pk])
    assert rosa.post(end, {"version": 1}, follow=True).status_code == 200
    row.refresh_from_db()
    assert row.most == 82_000_00 and row.ended_on is None  # the version was an older one
    rosa.post(end, {"version": 2})
    row.refresh_from_db()
    assert row.ended_on is not None
    text = rosa.get(page).content.decode()
    assert "it guides nobody any more" in text and "End the band" not in text
    assert rosa.post(page, body | {"version": 3, "most": "83,000"}).status_code == 409
    assert "House tariff" in rosa.get(reverse("staffing:band-list")).content.decode()
    klaus = staffed.client_of("klaus")
    assert klaus.get(reverse("staffing:band-list")).status_code == 403 and klaus.get(page).status_code == 403
