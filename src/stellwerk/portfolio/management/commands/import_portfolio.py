"""``stellwerk import portfolio FILE --portfolio KEY``."""

from __future__ import annotations

import datetime as dt
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core import formats
from stellwerk.core.commands import StellwerkCommand, user_named
from stellwerk.core.errors import Refused, Text
from stellwerk.core.management.commands.serve import bring_up_to_date
from stellwerk.core.tabular import UnusableFile
from stellwerk.portfolio.importing import Options, Plan, Wishes, apply_import, plan_import, read_wishes
from stellwerk.portfolio.importing.options import FACTORS, UNSURE_POLICIES

COMPLETE, REJECTIONS, UNUSABLE = 0, 1, 2
SHOWN = 20


class Command(StellwerkCommand):
    help = "Take in a portfolio from CSV, XLSX, ODS or an OC4IDS package: preview, ask, write, undoable."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--portfolio", required=True, metavar="KEY", help="key of the portfolio; created if missing"
        )
        parser.add_argument("--as-of", type=dt.date.fromisoformat, metavar="DATE",
                            help="data date (2025-03-31); else from a column, the file's name, or today")  # fmt: skip
        parser.add_argument(
            "--mapping", type=Path, metavar="FILE", help='JSON: {"columns": {heading: field}, "options": {…}}'
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--as", dest="user", metavar="USER", help="mail address: with this user's permissions")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parser.add_argument(
            "--factor", type=int, choices=FACTORS, help="what amounts without a unit are multiplied with"
        )
        parser.add_argument("--currency", help="currency of amounts that name none")
        parser.add_argument("--sheet", help="sheet of the workbook")
        parser.add_argument("--orientation", choices=("rows", "columns"), help="one project per row or per column")
        parser.add_argument("--all-or-nothing", action="store_true", help="write nothing if anything is rejected")
        parser.add_argument(
            "--unsure", choices=UNSURE_POLICIES, help="ask: leave out (default), new: take as new projects"
        )

    def handle(self, *args: Any, **options: Any) -> Any:
        bring_up_to_date(self)
        by = user_named(options["user"])
        wishes = _wishes(options["mapping"], options)
        try:
            plan = plan_import(
                file=options["file"],
                portfolio_key=options["portfolio"],
                by=by,
                wishes=wishes,
                options=wishes.options,
                tell=self._tell,
            )
        except UnusableFile as refusal:
            raise CommandError(str(refusal), returncode=UNUSABLE) from refusal
        except FileNotFoundError as error:
            raise CommandError(
                _("This file does not exist: %(name)s") % {"name": options["file"]}, returncode=UNUSABLE
            ) from error
        except OSError as error:
            raise CommandError(
                _("The file cannot be read: %(reason)s") % {"reason": error.strerror or error}, returncode=UNUSABLE
            ) from error
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=UNUSABLE) from refusal
        if not options["json"]:
            self._show(plan)
        for warning in plan.warnings if options["json"] else ():  # the result has no place for them: beside it
            self.stderr.write(f"! {warning}")
        if options["dry_run"]:
            return self._end(plan, options)
        if (
            not options["yes"]
            and not options["json"]
            and sys.stdin.isatty()
            and not plan.nothing_to_do
            and not self._agrees()
        ):
            self.say(_("Nothing has been written."))
            return REJECTIONS
        try:
            apply_import(plan=plan, by=by, tell=self._tell)
        except Refused as refusal:
            if options["json"]:
                nothing = {"created": 0, "updated": 0, "unchanged": 0, "statuses": 0}
                self.stdout.write(json.dumps({**plan.result(), **nothing}, ensure_ascii=False))
            raise CommandError(str(refusal), returncode=REJECTIONS) from refusal
        return self._end(plan, options)

    def _tell(self, done: int, total: int, text: Text) -> None:
        self.progress(done, total, str(text))

    def _agrees(self) -> bool:
        self.stdout.write(_("Write this? [y/N] "), ending="")
        self.stdout.flush()
        return sys.stdin.readline().strip().lower() in {"y", "yes", "j", "ja"}

    def _end(self, plan: Plan, options: dict[str, Any]) -> int:
        if options["json"]:
            self.stdout.write(json.dumps(plan.result(), ensure_ascii=False))
        elif options["dry_run"]:
            self.say(_("Dry run: nothing has been written."))
        else:
            self.say(_("Done.") if not plan.nothing_to_do else _("The portfolio says all of this already."))
        return REJECTIONS if plan.rejected or plan.unsure else COMPLETE

    def _show(self, plan: Plan) -> None:
        result = plan.result()
        days = ", ".join(formats.day(day) for day in plan.dates) or formats.day(plan.as_of)
        self.say(
            _("%(file)s as of %(days)s into %(portfolio)s")
            % {"file": plan.source.title, "days": days, "portfolio": plan.portfolio_key}
        )
        for use in plan.mapped.uses:
            self.say(f"  {use.column.name[:48]:<48}  {use.field.label if use.field else '–'}")
        self.say(
            _(
                "%(projects)s projects: %(created)s new, %(updated)s changed, %(unchanged)s unchanged; %(statuses)s dated statuses"
            )
            % {name: formats.number(value) for name, value in result.items() if isinstance(value, int)}
        )
        for warning in plan.warnings:
            self.say(f"! {warning}")
        if plan.unsure:
            self.say(ngettext("%(count)s project may be one of ours and is left out:", "%(count)s projects may be one of ours and are left out:", len(plan.unsure)) % {"count": len(plan.unsure)})  # fmt: skip
            for entry in plan.unsure[:SHOWN]:
                names = "; ".join(f"{c.project.key} {c.project.name} ({c.score:.0f})" for c in entry.candidates)
                self.say(f"  {entry.newest.number}: {entry.newest.name} → {names}")
        if plan.rejected:
            self.say(
                ngettext("%(count)s value rejected:", "%(count)s values rejected:", len(plan.rejected))
                % {"count": len(plan.rejected)}
            )
            for one in plan.rejected[:SHOWN]:
                self.say(f"  {one.row} {one.column} “{one.value}”: {one.reason}")
            if len(plan.rejected) > SHOWN:
                self.say(f"  … {len(plan.rejected) - SHOWN}")


def _wishes(path: Path | None, options: dict[str, Any]) -> Wishes:
    wishes = Wishes()
    if path is not None:
        try:
            wishes = read_wishes(json.loads(path.read_text(encoding="utf-8-sig")))
        except OSError as error:
            raise CommandError(
                _("The mapping cannot be read: %(reason)s") % {"reason": error.strerror or error}, returncode=UNUSABLE
            ) from error
        except (ValueError, RecursionError) as error:
            raise CommandError(
                _("The mapping is no JSON: %(reason)s") % {"reason": error}, returncode=UNUSABLE
            ) from error
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=UNUSABLE) from refusal
    given = {name: options[name] for name in ("as_of", "factor", "sheet", "orientation", "unsure") if options[name]}
    if options["currency"]:
        given["currency"] = options["currency"].strip().upper()
    if options["all_or_nothing"]:
        given["strict"] = True
    base: Options = wishes.options
    return Wishes(wishes.columns, replace(base, **given))
