"""The cast that the other tests stand on."""

from stellwerk.core.permissions import visible
from stellwerk.staffing.models import Profile, Vacancy
from stellwerk.staffing.tests.company import contract_of, match_of


def test_the_outsiders_see_their_own(staffed):
    assert [p.key for p in Profile.objects.filter(visible(staffed.pia, Profile))] == ["PRF-0003"]
    assert [p.key for p in Profile.objects.filter(visible(staffed.frida, Profile))] == ["PRF-0001"]
    assert {v.key for v in Vacancy.objects.filter(visible(staffed.klaus, Vacancy))} == {"VAC-0001"}
    assert {v.key for v in Vacancy.objects.filter(visible(staffed.pavel, Vacancy))} == set()
    assert match_of(staffed).key == "" or contract_of(staffed)
