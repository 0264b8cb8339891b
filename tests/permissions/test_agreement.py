"""Pages, API, lists and exports answer from the same table: nobody finds by one way what another way hides."""

from __future__ import annotations

import pytest

from stellwerk.core.lists.spec import LISTS
from stellwerk.core.permissions import can
from stellwerk.core.registry import url_of
from tests.permissions.conftest import USERS


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("user", USERS)
def test_page_api_list_and_table_agree_on_who_sees_what(shared, user, monkeypatch):
    """One object, four ways to it: the permission table, its page, its API resource and the export of its list."""
    monkeypatch.setattr("django.template.backends.django.Template.render", lambda *args, **kwargs: "")
    client = shared.cast.client(user)
    who = shared.cast.users[user]
    wrong = []
    for kind, resource in RESOURCES.items():
        for sample in (row for row in shared.samples[kind] if not row.step):
            allowed = can(who, "view", sample.obj)
            page = client.get(url_of(sample.obj)).status_code
            api = client.get(f"/api/v1/{resource}/{sample.obj.key}").status_code
            if (page == 200) != allowed or (api == 200) != allowed:
                wrong.append(f"{kind} {sample.name}: table {allowed}, page {page}, API {api}")
    assert not wrong, "\n".join(wrong)


RESOURCES = {
    "organisation": "organisations",
    "unit": "units",
    "person": "people",
    "portfolio": "portfolios",
    "programme": "programmes",
    "project": "projects",
    "proposal": "proposals",
    "report": "status-reports",
    "cycle": "cycles",
}


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("user", USERS)
def test_an_export_holds_only_what_its_reader_may_see(shared, user):
    client = shared.cast.client(user)
    who = shared.cast.users[user]
    for code in sorted(LISTS):
        answer = client.get(f"/lists/{code}?export=csv")
        if not can(who, "export", LISTS[code].model):
            assert answer.status_code in (403, 404) or not can(who, "view", LISTS[code].model), code
            continue
        text = b"".join(answer.streaming_content) if answer.streaming else answer.content
        hidden = [
            sample.obj
            for kind in RESOURCES
            for sample in shared.samples[kind]
            if sample.obj._meta.label_lower == LISTS[code].model._meta.label_lower and not can(who, "view", sample.obj)
        ]
        for obj in hidden:
            assert obj.key not in text.decode("utf-8-sig"), f"{user} exports {obj.key} from {code}"
