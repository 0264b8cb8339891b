"""``stellwerk simulate --project KEY``: by when and for how much, with which probability; nothing is changed.

Exit status: 0 simulated, however likely the approved dates and budgets are; 2 nothing could be simulated.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Final

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.controlling.choices import Distribution
from stellwerk.controlling.selectors.simulation import names_of
from stellwerk.controlling.services.simulation import TOGETHER, check_asked, plans_of, simulated
from stellwerk.controlling.simulation.case import Asked, Case
from stellwerk.controlling.simulation.results import TABLE, told_of
from stellwerk.core import formats
from stellwerk.core.commands import StellwerkCommand, user_named
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.management.commands.serve import bring_up_to_date
from stellwerk.core.models import Entity, User
from stellwerk.core.permissions import visible
from stellwerk.planning.management.asking import project_named
from stellwerk.portfolio.models import Portfolio, Programme

SIMULATED, UNUSABLE = 0, 2
SHOWN: Final = 10


class Command(StellwerkCommand):
    help = "Simulate a project, a programme or a portfolio: by when and for how much, with which probability. Changes nothing."
    _called_from_command_line = True  # a wrong call ends with 2

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", metavar="KEY", help="simulate this project")
        parser.add_argument("--programme", metavar="KEY", help="simulate all living projects of this programme")
        parser.add_argument("--portfolio", metavar="KEY", help="simulate all living projects of this portfolio")
        parser.add_argument("--iterations", type=int, default=10_000, metavar="N", help="how many times")
        parser.add_argument(
            "--seed", type=int, default=1, metavar="N", help="of the random numbers: the same gives the same"
        )
        parser.add_argument(
            "--correlation", type=float, default=0.0, metavar="R", help="of what moves together, 0 to 1"
        )
        parser.add_argument(
            "--together",
            choices=TOGETHER,
            default="group",
            help="what moves together: the groups of the estimates, or each project",
        )
        parser.add_argument(
            "--distribution",
            choices=Distribution.values,
            default="",
            help="read all estimates so, instead of each as it says",
        )
        parser.add_argument("--as", dest="user", metavar="USER", help="mail address: with this user's permissions")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> Any:
        named = [name for name in ("project", "programme", "portfolio") if options[name] is not None]
        if len(named) != 1:
            raise CommandError(_("Name one of --project KEY, --programme KEY, --portfolio KEY."), returncode=UNUSABLE)
        self._quiet = self._quiet or options["json"]
        bring_up_to_date(self)
        by = user_named(options["user"])
        asked = Asked(options["iterations"], options["seed"], options["correlation"], options["together"], options["distribution"])  # fmt: skip
        scope = _scope(named[0], options[named[0]], by)
        try:
            check_asked(asked)
            case, outcome = simulated(
                plans_of(**{named[0]: scope}, by=by), asked=asked, one_end=named[0] == "programme", watch=self._watch,
                today=timezone.localdate(),
            )  # fmt: skip
        except Invalid as refusal:
            raise CommandError(" ".join(text for texts in refusal.errors.values() for text in texts), returncode=UNUSABLE) from refusal  # fmt: skip
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=UNUSABLE) from refusal
        told = told_of(case, asked, outcome)
        if options["json"]:
            self.stdout.write(json.dumps(_facts(case, told, by), ensure_ascii=False))
        else:
            self._show(case, told, by)
        return SIMULATED

    def _watch(self, done: int, wanted: int) -> bool:
        self.progress(done, wanted, _("Iterations"))
        return False

    def _show(self, case: Case, told: dict[str, Any], by: User | None) -> None:
        finish, cost = told["finish"], told["cost"]
        count = case.count
        self.say(
            ngettext("%(count)s project, %(rows)s open activities, %(estimates)s with three points", "%(count)s projects, %(rows)s open activities, %(estimates)s with three points", count)
            % {"count": formats.number(count), "rows": formats.number(told["counts"]["open"]), "estimates": formats.number(told["counts"]["estimates"])}
        )  # fmt: skip
        for share in TABLE:
            money = formats.money(cost["shares"][str(share)], told["currency"]) if cost else "–"
            self.say(f"P{share:<3} {formats.day(dt.date.fromisoformat(finish['shares'][str(share)]))}  {money}")
        if finish["share"] is not None:
            self.say(_("The approved finish %(day)s is kept with %(share)s.") % {"day": formats.day(dt.date.fromisoformat(finish["approved"])), "share": formats.percent(finish["share"], 0)})  # fmt: skip
        if cost and cost["share_reserve"] is not None:
            amount = formats.money(cost["budget"] + cost["reserve"], told["currency"])
            self.say(_("The approved budget %(amount)s is kept with %(share)s.") % {"amount": amount, "share": formats.percent(cost["share_reserve"], 0)})  # fmt: skip
        if told["joint"]["both"] is not None:
            self.say(_("Both together: %(share)s.") % {"share": formats.percent(told["joint"]["both"], 0)})
        names = names_of(told, by)
        for row in told["activities"][:SHOWN]:
            if row["index"] and row["pk"] in names:
                self.say(f"  {formats.percent(row['criticality'], 0):>6}  {formats.number(row['index'], 2)}  {names[row['pk']]}")  # fmt: skip


def _scope(kind: str, key: str, by: User | None) -> Any:
    if kind == "project":
        return project_named(key, by)
    model: type[Entity] = Programme if kind == "programme" else Portfolio
    found = model._default_manager.filter(visible(by, model), key=key.strip()).first()
    if found is None:
        text = _("There is no programme %(key)s, or you may not see it.") if kind == "programme" else _("There is no portfolio %(key)s, or you may not see it.")  # fmt: skip
        raise CommandError(text % {"key": key}, returncode=UNUSABLE)
    return found


def _facts(case: Case, told: dict[str, Any], by: User | None) -> dict[str, Any]:
    """What was told, with keys and names instead of numbers of the database."""
    names = names_of(told, by)
    projects = {one.project.pk: one.project.key for one in case.projects}
    activities = [
        {"name": names.get(row["pk"], ""), "project": projects[row["project"]]}
        | {key: value for key, value in row.items() if key not in ("pk", "project")}
        for row in told["activities"]
    ]
    rows = [{"key": projects[row["pk"]]} | {key: value for key, value in row.items() if key != "pk"} for row in told["projects"]]  # fmt: skip
    joint = {key: value for key, value in told["joint"].items() if key != "dots"}
    return told | {"activities": activities, "projects": rows, "joint": joint}
