"""Routes of matching: people of a vacancy, matches, the pool, weights, the log, and the public answer links."""

from django.urls import URLPattern, path

from stellwerk.staffing.views import answers, matching

URLS: list[URLPattern] = [
    path("answer/<str:token>", answers.answer, name="answer"),
    path("matches/", matching.match_list, name="match-list"),
    path("matches/<path:key>/act", matching.match_act, name="match-act"),
    path("matches/<path:key>", matching.match_detail, name="match-detail"),
    path("pool", matching.pool_page, name="pool"),
    path("people/<path:key>/propose", matching.match_propose, name="match-propose"),
    path("people/<path:key>", matching.vacancy_people, name="vacancy-people"),
    path("weights/", matching.weights_page, name="weights-active"),
    path("weights/save", matching.weights_save, name="weights-save"),
    path("weights/switch", matching.matching_switch, name="matching-switch"),
    path("weights/<int:pk>", matching.weights_page, name="weights"),
    path("scores", matching.score_log, name="score-log"),
]
