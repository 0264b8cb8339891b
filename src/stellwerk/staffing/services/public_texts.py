"""Legal notice and privacy notice of the public pages, as the organisation sets them."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from stellwerk.core.models import Setting, User
from stellwerk.core.permissions import require
from stellwerk.core.services import record, stale
from stellwerk.people.models import Organisation
from stellwerk.staffing.selectors.profile_pages import TEXT_NAMES, TEXTS


@transaction.atomic
def save_texts(*, texts: Mapping[str, str], by: User | None, version: int | None = None) -> Setting:
    """Consents given from now on name the new version. Errors: ``NotAllowed``, ``StaleEdit``.

    The change stands in the history of the organisation whose texts they are (a setting has no page of its own).
    """
    require(by, "edit", Setting)
    row, made = Setting.objects.select_for_update().get_or_create(name=TEXTS, defaults={"value": {}, "version": 0})
    value = {name: texts.get(name, "") for name in TEXT_NAMES}
    if not made and version is not None and version != row.version:
        raise stale(row, {"value": value})
    if value == row.value:
        return row
    row.value, row.version = value, row.version + 1
    row.save(update_fields=["value", "version", "updated_at"])
    home = Organisation.objects.filter(archived_at=None).order_by("pk").first()
    if home is not None:
        record(home, by=by, verb="edit", changes={"public_texts": [row.version - 1, row.version]})
    return row
