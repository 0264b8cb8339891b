"""Mail about new vacancies: confirmed and ended by links, never without."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from django.utils import timezone

from stellwerk.core.errors import Refused
from stellwerk.core.models import Mail
from stellwerk.staffing.models import SavedSearch, Vacancy
from stellwerk.staffing.services import saved_searches
from stellwerk.staffing.tests.company import Staffing

pytestmark = pytest.mark.django_db
ADDRESS = "lena@example.org"


@pytest.fixture
def visitor() -> Browser:
    cache.clear()
    return Browser(headers={"accept-language": "en"})


def saved(visitor: Browser, query: str = "contract=freelance", email: str = ADDRESS) -> str:
    """The path of the link in the mail."""
    answer = visitor.post("/jobs/searches/", {"email": email, "query": query})
    assert answer.status_code == 200
    found = re.search(r"https?://\S+?(/jobs/searches/\S+)", Mail.objects.latest("pk").text)
    assert found
    return found[1]


def run(now: dt.datetime) -> int:
    return sum(saved_searches.tell(search=row, now=now) for row in SavedSearch.objects.exclude(confirmed_at=None))


def online(number: int, **fields: object) -> None:
    Vacancy.objects.filter(number=number).update(published_at=timezone.now() + dt.timedelta(seconds=1), **fields)


def test_nothing_is_mailed_before_the_link_is_confirmed(staffed: Staffing, visitor: Browser) -> None:
    link = saved(visitor)
    assert visitor.get(link).status_code == 200  # looking changes nothing
    row = SavedSearch.objects.get()
    assert row.confirmed_at is None and row.query == "contract=freelance"
    online(821407)
    assert run(timezone.now()) == 0
    assert visitor.post(link, {"step": "confirm"}).status_code == 200
    row.refresh_from_db()
    assert row.confirmed_at is not None
    assert row.expires == timezone.localdate() + dt.timedelta(days=180)


def test_only_what_is_new_and_fits_is_mailed_and_only_once(staffed: Staffing, visitor: Browser) -> None:
    visitor.post(saved(visitor), {"step": "confirm"})
    before = Mail.objects.count()
    assert run(timezone.now()) == 0
    assert Mail.objects.count() == before  # nothing new, no mail
    online(821407)
    online(821408)  # permanent: does not fit
    later = timezone.now() + dt.timedelta(seconds=2)
    assert run(later) == 1
    mail = Mail.objects.latest("pk")
    assert mail.to == ADDRESS and mail.subject == "1 new vacancy"
    assert "/jobs/821407" in mail.text and "/jobs/821408" not in mail.text and "/jobs/searches/" in mail.text
    assert "Weserstahl" not in mail.text
    assert run(later) == 0
    assert Mail.objects.count() == before + 1


def test_the_link_ends_the_search_and_erases_the_address(staffed: Staffing, visitor: Browser) -> None:
    link = saved(visitor)
    visitor.post(link, {"step": "confirm"})
    assert visitor.post(link, {"step": "end"}).status_code == 200
    assert not SavedSearch.objects.exists()
    assert visitor.get(link).status_code == 404
    assert visitor.post(link, {"step": "confirm"}).status_code == 404


def test_a_link_that_was_made_up_leads_nowhere(staffed: Staffing, visitor: Browser) -> None:
    saved(visitor)
    row = SavedSearch.objects.get()
    for token in ("x", row.digest, f"{row.digest}:{'a' * 43}"):
        assert visitor.get(f"/jobs/searches/{token}").status_code == 404


def test_asking_again_sends_no_second_mail_and_ten_are_the_most(staffed: Staffing, visitor: Browser) -> None:
    saved(visitor)
    visitor.post("/jobs/searches/", {"email": ADDRESS.upper(), "query": "contract=freelance"})
    assert Mail.objects.count() == 1
    for number in range(9):
        saved_searches.save(email=ADDRESS, query=f"q=word{number}", language="en")
    with pytest.raises(Refused):
        saved_searches.save(email=ADDRESS, query="q=eleventh", language="en")
    assert SavedSearch.objects.count() == 10


def test_searches_end_after_180_days_and_unconfirmed_ones_after_two(staffed: Staffing, visitor: Browser) -> None:
    visitor.post(saved(visitor), {"step": "confirm"})
    waiting = saved(visitor, "q=other")
    now = timezone.now()
    assert saved_searches.forget(now + dt.timedelta(hours=47)) == 0
    assert saved_searches.forget(now + dt.timedelta(hours=49)) == 1
    assert visitor.get(waiting).status_code == 404
    assert (
        saved_searches.forget(now + dt.timedelta(days=179)) == 0
    )  # 180 times 24 hours may end a day later: summer time
    assert saved_searches.forget(now + dt.timedelta(days=182)) == 1


def test_a_search_that_ended_in_another_window_is_not_confirmed(staffed: Staffing, visitor: Browser) -> None:
    saved(visitor)
    row = SavedSearch.objects.get()
    saved_searches.end(search=row)
    with pytest.raises(Refused):
        saved_searches.confirm(search=row)
    assert saved_searches.tell(search=row, now=timezone.now()) == 0


def test_after_two_days_the_link_can_be_asked_for_anew(staffed: Staffing, visitor: Browser) -> None:
    first = saved(visitor)
    SavedSearch.objects.update(created_at=timezone.now() - dt.timedelta(hours=49))
    assert visitor.get(first).status_code == 404
    assert visitor.get(saved(visitor)).status_code == 200
    assert Mail.objects.count() == 2


def test_a_wrong_address_is_told_at_the_field(staffed: Staffing, visitor: Browser) -> None:
    answer = visitor.post("/jobs/searches/", {"email": "lena", "query": "q=x"})
    assert answer.status_code == 422
    assert 'value="lena"' in answer.content.decode()
    assert not SavedSearch.objects.exists()


def test_the_daily_job_says_what_it_did(staffed: Staffing, visitor: Browser) -> None:
    from stellwerk.core.jobs.registry import JOBS

    assert "staffing.saved_searches" in JOBS


def test_who_is_erased_gets_no_mail_any_more(staffed: Staffing, visitor: Browser) -> None:
    from stellwerk.staffing.services.erasing import erase_profile

    visitor.post(saved(visitor, email=staffed.profiles["frida"].email), {"step": "confirm"})
    erase_profile(profile=staffed.profiles["frida"], by=staffed.rosa, reason="asked for it")
    assert not SavedSearch.objects.exists()


def test_an_address_cannot_be_flooded(staffed: Staffing, visitor: Browser) -> None:
    answers = [visitor.post("/jobs/searches/", {"email": f"a{n}@example.org"}).status_code for n in range(32)]
    assert answers[:30] == [200] * 30
    assert answers[30:] == [429, 429]
