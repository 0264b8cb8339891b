"""``stellwerk level --portfolio KEY``: a levelling proposal with its reasons; nothing is changed.

Exit status: 0 a proposal (also an empty one), 1 something that no plan can keep, 2 nothing could be levelled.
"""

from __future__ import annotations

import json
from typing import Any, Final

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core import formats
from stellwerk.core.commands import StellwerkCommand, user_named
from stellwerk.core.errors import Refused
from stellwerk.core.management.commands.serve import bring_up_to_date
from stellwerk.core.models import User
from stellwerk.core.permissions import visible
from stellwerk.planning.management.asking import project_named
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Portfolio
from stellwerk.resources.choices import Objective
from stellwerk.resources.levelling.case import Case
from stellwerk.resources.levelling.results import Move, moves_of, numbers_in, told_of
from stellwerk.resources.levelling.words import Names, conflict_text, late_text, move_text, read_names
from stellwerk.resources.services.levelling import LONGEST, level, plans_of

FOUND, SOME_IMPOSSIBLE, UNUSABLE = 0, 1, 2
SHOWN: Final = 40


class Command(StellwerkCommand):
    help = "Level a portfolio or a project: who cannot do two things at once, what moves, and why. Changes nothing."
    _called_from_command_line = True  # a wrong call ends with 2: 1 says that something cannot be kept

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--portfolio", metavar="KEY", help="level all living projects of this portfolio")
        parser.add_argument("--project", metavar="KEY", help="level this project")
        parser.add_argument(
            "--objective", choices=Objective.values, default=Objective.TARDINESS, help="what is aimed at"
        )
        parser.add_argument("--seconds", type=float, default=10.0, metavar="S", help="look for better ones for so long")
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the random numbers")
        parser.add_argument("--as", dest="user", metavar="USER", help="mail address: with this user's permissions")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> Any:
        if (options["portfolio"] is None) == (options["project"] is None):
            raise CommandError(_("Name either a portfolio (--portfolio KEY) or a project (--project KEY)."), returncode=UNUSABLE)  # fmt: skip
        if not 0 < options["seconds"] <= LONGEST:
            raise CommandError(_("Between 1 and %(most)s seconds.") % {"most": LONGEST}, returncode=UNUSABLE)
        self._quiet = self._quiet or options["json"]
        bring_up_to_date(self)
        by = user_named(options["user"])
        project = project_named(options["project"], by) if options["project"] is not None else None
        portfolio = _portfolio(options["portfolio"], by) if project is None else None
        try:
            plans = plans_of(portfolio=portfolio, project=project, by=by)
            case, plan, curve = level(
                plans, objective=options["objective"], seconds=options["seconds"], seed=options["seed"], by=by
            )
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=UNUSABLE) from refusal
        moves = moves_of(case, plan)
        told = told_of(case, plan, curve=curve)
        names = _names(case, moves, told, by)
        if options["json"]:
            self.stdout.write(json.dumps(_facts(options["objective"], case, moves, told, names), ensure_ascii=False))
        else:
            self._show(case, moves, told, names)
        return SOME_IMPOSSIBLE if told["conflict_count"] else FOUND

    def _show(self, case: Case, moves: list[Move], told: dict[str, Any], names: Names) -> None:
        count = len(moves)
        self.say(
            ngettext("%(count)s activity of %(all)s moves.", "%(count)s activities of %(all)s move.", count)
            % {"count": formats.number(count), "all": formats.number(told["activities"])}
        )
        over = {name: formats.number(value) for name, value in told["over"].items()}
        self.say(_("Overbooked hours: %(before)s → %(after)s") % over)
        gap = told["gap"]
        if gap is not None:
            self.say(_("At most %(percent)s from the best possible.") % {"percent": formats.percent(gap, 1)})
        for one in told["projects"]:
            self.say(f"  {one['key']}  {one['before']} → {one['after']}" + (f"  ({_('due')} {one['due']})" if one["due"] else ""))  # fmt: skip
        for text in list(dict.fromkeys(conflict_text(one, names) for one in told["conflicts"]))[:SHOWN]:
            self.say(f"! {text}")
        for text in [late_text(one, names) for one in told["late"]][:SHOWN]:
            self.say(f"! {text}")
        for move in moves[:SHOWN]:
            line = _move(case, move, names)
            self.say(f"{line['project']}  {line['name']}: {line['start']} – {line['finish']}  {line['why']}")
        if count > SHOWN:
            self.say(_("… and %(count)s more") % {"count": formats.number(count - SHOWN)})


def _portfolio(key: str, by: User | None) -> Portfolio:
    found = Portfolio.objects.filter(visible(by, Portfolio), key=key.strip()).first()
    if found is None:
        raise CommandError(_("There is no portfolio %(key)s, or you may not see it.") % {"key": key}, returncode=UNUSABLE)  # fmt: skip
    return found


def _names(case: Case, moves: list[Move], told: dict[str, Any], by: User | None) -> Names:
    activities, people = numbers_in(told, [move.reason for move in moves])
    activities |= {move.activity for move in moves}
    people |= {one[2] for move in moves for one in move.people if one[2]}
    return read_names(activities, people, [*(move.reason for move in moves), *told["conflicts"]], by)


def _move(case: Case, move: Move, names: Names) -> dict[str, Any]:
    activity: Activity | None = names.activities.get(move.activity)
    return {
        "project": case.plans[move.plan].key, "activity": move.activity, "uid": activity.uid if activity else None,
        "name": str(activity) if activity else "", "start_before": _iso(move.start_before), "finish_before": _iso(move.finish_before),
        "start": _iso(move.start), "finish": _iso(move.finish), "reason": move.reason,
        "why": move_text(move, names, case.plans[move.plan].pk),
        "people": [names.person(one[2]) for one in move.people if one[2]],
    }  # fmt: skip


def _iso(at: Any) -> str | None:
    return None if at is None else at.isoformat(timespec="minutes")


def _facts(objective: str, case: Case, moves: list[Move], told: dict[str, Any], names: Names) -> dict[str, Any]:
    projects = [{name: value for name, value in one.items() if name not in ("plan", "revision")} for one in told["projects"]]  # fmt: skip
    return {
        "objective": objective, "value": told["value"], "bound": told["bound"], "gap": told["gap"], "seed": told["seed"],
        "iterations": told["iterations"], "curve": told["curve"], "activities": told["activities"], "people": told["people"],
        "overbooked_hours": told["over"], "projects": projects, "moves": [_move(case, move, names) for move in moves],
        "conflicts": [one | {"text": conflict_text(one, names)} for one in told["conflicts"]],
        "late": [one | {"text": late_text(one, names)} for one in told["late"]],
    }  # fmt: skip
