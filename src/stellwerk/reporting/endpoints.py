"""Cycles and status reports in the API."""

from ninja import Router

from stellwerk.core.api.resources import Resource, add_resource
from stellwerk.reporting.models import Cycle, StatusReport

router = Router()
BASE = ("key", "version", "confidentiality", "archived_at", "created_at", "updated_at")
COMMON = ("key", "confidentiality")

_REPORT = ("project", "cycle", "data_date", "author", "summary")
add_resource(
    router,
    Resource(
        StatusReport,
        "status-reports",
        read=(*BASE, "state", "late", *_REPORT, "achieved", "next_steps", "decisions", "path_to_green"),
        write=(*COMMON, *_REPORT, "achieved", "next_steps", "decisions", "path_to_green"),
    ),
)
_CYCLE = ("portfolio", "number", "data_date", "meeting_date", "meeting_name")
add_resource(router, Resource(Cycle, "cycles", read=(*BASE, "state", *_CYCLE), write=(*COMMON, *_CYCLE)))
