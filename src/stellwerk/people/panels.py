"""What this room offers on its own pages beside what their views show."""

from __future__ import annotations

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from stellwerk.core.access import actor
from stellwerk.core.registry import Action, register_action
from stellwerk.people.models import Person
from stellwerk.people.services.disclosing import may_disclose
from stellwerk.people.services.persons import is_erased


def _data(request: HttpRequest, obj: models.Model) -> str | None:
    if not isinstance(obj, Person) or is_erased(obj) or not may_disclose(obj, actor(request)):
        return None
    return reverse("people:person-data", args=[obj.key])


register_action(
    Action("people.person", "data", gettext_lazy("All stored personal data"), _data, icon="download", order=90)
)
