"""Routes of the job board (namespace ``board``, below ``/jobs/``)."""

from django.urls import URLPattern, path

from stellwerk.staffing.views import board, board_feeds, board_searches

URLS: list[URLPattern] = [
    path("", board.ad_list, name="list"),
    path("feed.atom", board_feeds.feed, name="feed"),
    path("sitemap.xml", board_feeds.sitemap, name="sitemap"),
    path("searches/", board_searches.save, name="search-save"),
    path("searches/<str:token>", board_searches.search, name="search"),
    path("<int:number>", board.ad, name="ad"),
    path("<int:number>/<int:edition>", board.ad_edition, name="ad-edition"),
]
