"""Loading the demo company from the page of an empty installation."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from stellwerk.core.jobs import Progress, job
from stellwerk.demo.company import Size, is_empty

STEPS = {
    "organisation": _("Organisation"),
    "people": _("People"),
    "portfolio": _("Portfolio"),
    "projects": _("Projects"),
    "figures": _("Figures"),
    "plans": _("Plans"),
    "proposals": _("Proposals"),
    "reports": _("Status reports"),
    "done": _("Done"),
}


@job("demo.load", title=_("Load the demo company"), max_attempts=1)
def load(progress: Progress) -> dict[str, Any]:
    """All or nothing; a company that is there already, or the organisation's own data, is never touched."""
    progress.result_url = reverse("portfolio:board-all")
    size = Size()
    words = {code: str(label) for code, label in STEPS.items()}  # now: the company itself is written in German

    def tell(done: int, total: int, code: str) -> None:
        progress.step(done, total, words[code])
        progress.check_cancelled()

    if is_empty():
        from stellwerk.demo.generate import generate  # its many steps are read only where they are taken

        generate(size, progress=tell)
    return {"projects": size.projects, "people": size.people}
