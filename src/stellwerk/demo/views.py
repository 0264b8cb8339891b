"""One page: offer the demo company to whoever starts with an empty installation."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from stellwerk.core.access import access, actor
from stellwerk.core.jobs import enqueue
from stellwerk.demo.company import COMPANY, Size, is_empty


@require_http_methods(["GET", "HEAD", "POST"])
@access("import", "portfolio.project")
def load(request: HttpRequest) -> HttpResponse:
    """Say what the demo is; start loading it where no data would be mixed with it."""
    empty = is_empty()
    if request.method == "POST" and empty:
        job = enqueue("demo.load", user=actor(request), unique_key="demo.load")
        return redirect("jobs:detail", uid=job.uid)
    context = {"company": COMPANY, "size": Size(), "empty": empty}
    return render(request, "demo/load.html", context, status=409 if request.method == "POST" else 200)
