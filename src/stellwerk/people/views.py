"""Pages of the people room."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_http_methods

from stellwerk.core.access import access
from stellwerk.core.lists.views import list_page


@require_http_methods(["GET", "HEAD", "POST"])
@access("view", "people.person")
def person_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "people.person")
