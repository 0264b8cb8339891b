"""``stellwerk report deck``: the steering committee's deck as a file."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import Any, cast

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from stellwerk.core.commands import StellwerkCommand, user_named
from stellwerk.core.documents.numbers import Lang
from stellwerk.core.documents.pptx_template import TemplateProblem
from stellwerk.core.errors import Refused
from stellwerk.core.pages.inputs import parse_day
from stellwerk.portfolio.models import Portfolio
from stellwerk.reporting.deck.build import Format
from stellwerk.reporting.pack import publish_pack, render_deck
from stellwerk.reporting.services.decks import FORMATS, LANGUAGES, TemplateFile, active_template


class Command(StellwerkCommand):
    help = "Render the steering committee's deck of a portfolio as PPTX, PDF or XLSX from frozen snapshots."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--portfolio", required=True, metavar="KEY", help="key of the portfolio")
        parser.add_argument("--date", metavar="DATE", help="data date (24.12.2026 or 2026-12-24); default: the newest")
        parser.add_argument("--lang", choices=LANGUAGES, default="de", help="language of the deck")
        parser.add_argument("-o", "--output", required=True, metavar="FILE", help="FILE.pptx, FILE.pdf or FILE.xlsx")
        parser.add_argument("--template", metavar="FILE", help="PowerPoint template; default: the organisation's own")
        parser.add_argument("--as", dest="as_user", metavar="USER", help="e-mail address: only what this user may see")

    def handle(self, *args: Any, **options: Any) -> Any:
        target = Path(options["output"])
        fmt = target.suffix.lower().lstrip(".")
        if fmt not in FORMATS:
            raise CommandError(
                _("The ending of %(name)s is not known: use .pptx, .pdf or .xlsx.") % {"name": target.name},
                returncode=2,
            )
        if not target.absolute().parent.is_dir():
            raise CommandError(
                _("The folder %(name)s does not exist.") % {"name": target.absolute().parent}, returncode=2
            )
        portfolio = self._portfolio(options["portfolio"])
        day = self._day(options["date"])
        user = user_named(options["as_user"])
        template = Path(options["template"]) if options["template"] else None
        if template is not None and fmt != "pptx":
            raise CommandError(_("A template is used for .pptx only."), returncode=2)
        try:
            snapshot = publish_pack(portfolio, day, user)
            own = active_template(portfolio) if template is None and fmt == "pptx" else None
            with TemplateFile(own) as stored:
                made = render_deck(
                    snapshot,
                    cast(Lang, options["lang"]),
                    cast(Format, fmt),
                    target,
                    template=template or stored,
                    progress=self._slides,
                )
        except (Refused, TemplateProblem) as problem:
            raise CommandError(str(problem)) from problem
        self.say(
            _("%(count)s slides, data date %(date)s: %(name)s")
            % {"count": len(made.slides), "date": snapshot.data_date.isoformat(), "name": target}
        )
        return 0

    def _slides(self, done: int, total: int) -> None:
        self.progress(done, total, _("Slides"))

    def _portfolio(self, key: str) -> Portfolio:
        portfolio = Portfolio.objects.select_related("unit__organisation").filter(key=key).first()
        if portfolio is not None:
            return portfolio
        known = ", ".join(Portfolio.objects.filter(archived_at=None).order_by("key").values_list("key", flat=True)[:12])
        hint = _("Known: %(keys)s.") % {"keys": known} if known else _("There is no portfolio yet: import one first.")
        raise CommandError(_("There is no portfolio %(key)s.") % {"key": key} + f" {hint}", returncode=2)

    def _day(self, text: str | None) -> dt.date | None:
        if not text:
            return None
        try:
            return parse_day(text)
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
