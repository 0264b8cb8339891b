"""The job board for machines: Atom, of everything or of a search, and the list of all addresses for search engines."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stellwerk.core.access import public
from stellwerk.core.notify import absolute
from stellwerk.staffing.forms_board import BoardForm
from stellwerk.staffing.selectors import board
from stellwerk.staffing.selectors.ads import company_told, contract_told, pay_told, place_told
from stellwerk.staffing.term_input import language
from stellwerk.staffing.views.conditional import file_of

IN_FEED = 50
IN_SITEMAP = 50_000
"""The most addresses that the format allows in a file."""


@require_safe
@public
def feed(request: HttpRequest) -> HttpResponse:
    """The newest ads, with the same parameters as the list; ``lang`` says in which language, since programs send none."""
    search = BoardForm(request.GET).search()
    _page, rows = board.page_of(board.find(search), 1, IN_FEED)
    here = request.GET.get("lang") if request.GET.get("lang") in {"de", "en"} else language()
    query = f"?{search.query()}" if search.query() else ""
    made = Atom1Feed(
        title=_("Vacancies"), link=absolute(reverse("board:list") + query), description="", language=here,
        feed_url=absolute(reverse("board:feed") + query),
    )  # fmt: skip
    for row in rows:
        told = [text for text in (contract_told(row), company_told(row), place_told(row), pay_told(row)) if text]
        address = absolute(reverse("board:ad", args=[row.number]))
        made.add_item(
            title=(row.title_en or row.title) if here == "en" else row.title, link=address, unique_id=address,
            description=" · ".join(escape(text) for text in told), pubdate=row.published_at,
            updateddate=row.published_at,
        )  # fmt: skip
    text = made.writeString("utf-8")
    return file_of(request, HttpResponse(text, content_type="application/atom+xml; charset=utf-8"))


@require_safe
@public
def sitemap(request: HttpRequest) -> HttpResponse:
    rows = board.public_ads().order_by("-published_at", "-pk").values_list("number", "updated_at")[:IN_SITEMAP]
    board_url = absolute(
        reverse("board:list")
    )  # below it each ad has its number: thousands are not looked up one by one
    lines = [f"<url><loc>{escape(board_url)}</loc></url>"]
    lines += [
        f"<url><loc>{escape(board_url)}{number}</loc><lastmod>{timezone.localtime(at):%Y-%m-%d}</lastmod></url>"
        for number, at in rows
    ]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    text = head + "\n".join(lines) + "\n</urlset>\n"
    return file_of(request, HttpResponse(text, content_type="application/xml; charset=utf-8"))


@require_safe
@public
def robots(request: HttpRequest) -> HttpResponse:
    """Search engines read the job board and what draws it; everything else is for people."""
    lines = [
        "User-agent: *",
        f"Allow: {reverse('board:list')}",
        f"Allow: {settings.STATIC_URL}",
        f"Disallow: {reverse('board:search-save')}",
        "Disallow: /",
        "",
        f"Sitemap: {absolute(reverse('board:sitemap'))}",
    ]
    return file_of(request, HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8"))
