"""``stellwerk check FILE``: the quality of a schedule file; exit status 0 all pass, 1 some fail, 2 unusable.

Django's own command of this name is hidden by it; its checks run before ``migrate`` and with the tests.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from stellwerk.core import formats
from stellwerk.core.commands import StellwerkCommand, user_named
from stellwerk.core.management.commands.serve import bring_up_to_date
from stellwerk.engine.calendars import CalendarError, moment
from stellwerk.engine.network import HorizonError, NetworkError, Schedule
from stellwerk.planning import words
from stellwerk.planning.exchange import Document, Problem, ScheduleFileError, read_schedule
from stellwerk.planning.exchange.check import called
from stellwerk.planning.exchange.problems import shorten
from stellwerk.planning.management.asking import plan_named
from stellwerk.planning.models import Plan as StoredPlan
from stellwerk.planning.network import Plan, plan_of
from stellwerk.planning.quality import Case, Result, assess
from stellwerk.planning.selectors.quality import NotComputable, figures_of, network_of

ALL_PASS, SOME_FAIL, UNUSABLE = 0, 1, 2
SHOWN = 10


class Command(StellwerkCommand):
    help = "Check the quality of a schedule: the 14 points of the DCMA assessment and more."
    _called_from_command_line = True  # a wrong call ends with 2: 1 says that checks have failed

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, nargs="?", help="Microsoft Project XML (MSPDI), Primavera XER, XLSX or CSV"
        )
        parser.add_argument("--project", metavar="KEY", help="the plan of this project, instead of a file")
        parser.add_argument("--as", dest="user", metavar="USER", help="mail address: with this user's permissions")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> Any:
        if (options["file"] is None) == (options["project"] is None):
            raise CommandError(_("Name either a file or a project (--project KEY)."), returncode=UNUSABLE)
        if options["project"] is not None:
            self._quiet = self._quiet or options["json"]  # a first start may speak
            bring_up_to_date(self)
            stored = plan_named(options["project"], user_named(options["user"]))
            (plan, dates), name = _stored(stored), stored.key
        else:
            (plan, dates), name = _computed(_read(options["file"])), options["file"].name
        results = assess(plan, dates)
        problems = [*plan.document.warnings, *plan.warnings]
        if options["json"]:
            facts = {"file": name, **_facts(plan, dates)}
            checks = [one.as_json() for one in results]
            told = [_problem(one) for one in problems]
            self.stdout.write(json.dumps({**facts, "checks": checks, "problems": told}, ensure_ascii=False))
        else:
            self._show(name, plan, dates, results, problems)
        failed = any(one.passed is False for one in results) or any(one.severity == "error" for one in problems)
        return SOME_FAIL if failed else ALL_PASS

    def _show(self, name: str, plan: Plan, dates: Schedule, results: list[Result], problems: list[Problem]) -> None:
        facts = _facts(plan, dates)
        days = " – ".join(formats.day(moment(int(at)).date()) for at in (dates.start.min(), dates.finish.max()))
        self.say(f"{shorten(facts['project'] or name)}: {days}")
        self.say(
            _("%(activities)s activities and milestones, %(open)s of them open; %(links)s links")
            % {name: formats.number(facts[name]) for name in ("activities", "open", "links")}
        )
        for problem in problems[:SHOWN]:
            self.say(f"! {words.message(problem)} {words.advice(problem)}")
        self._rest(len(problems), "! ")
        for one in results:
            self._result(one)
        failed = sum(one.passed is False for one in results)
        self.say("")
        self.say(
            ngettext("%(count)s check failed.", "%(count)s checks failed.", failed) % {"count": failed}
            if failed
            else _("No check failed.")
        )

    def _result(self, one: Result) -> None:
        style = {True: self.style.SUCCESS, False: self.style.ERROR, None: self.style.WARNING}[one.passed]
        labels = _labels()
        width = max(map(len, labels.values()))
        word = labels[one.passed if one.share is None or one.rule.threshold is not None else "reported"]
        self.say(
            f"{style(word.ljust(width))}  {one.rule.code}  {one.rule.title}: {figures_of(one.rule, len(one.items), one.total, one.share, str(one.reason))}"
        )
        if one.passed is False:
            self.say(f"{' ' * width}  {one.rule.explanation}")
        if one.passed is not True:
            for item in one.items[:SHOWN]:
                detail = f" ({item.detail})" if str(item.detail) else ""
                self.say(f"{' ' * width}    {shorten(f'{item.id}  {item.name}{detail}')}")
            self._rest(len(one.items), f"{' ' * width}    ")

    def _rest(self, count: int, indent: str) -> None:
        if count > SHOWN:
            self.say(indent + _("… and %(count)s more") % {"count": formats.number(count - SHOWN)})


def _labels() -> dict[bool | str | None, str]:
    return {
        True: pgettext("schedule check", "passed"),
        False: pgettext("schedule check", "failed"),
        None: pgettext("schedule check", "not measured"),
        "reported": pgettext("schedule check", "reported"),
    }


def _read(path: Path) -> Document:
    try:
        return read_schedule(path, strict=False, summary_links=True)
    except ScheduleFileError as refusal:
        raise CommandError(_told(refusal.problems), returncode=UNUSABLE) from refusal
    except FileNotFoundError as error:
        raise CommandError(_("This file does not exist: %(name)s") % {"name": path}, returncode=UNUSABLE) from error
    except OSError as error:
        reason = error.strerror or error
        raise CommandError(
            _("The file cannot be read: %(reason)s") % {"reason": reason}, returncode=UNUSABLE
        ) from error


def _computed(document: Document) -> tuple[Plan, Schedule]:
    try:
        plan = plan_of(document)
    except (NetworkError, CalendarError) as error:
        raise _unusable(document, str(error)) from error
    if not plan.tasks:
        raise _unusable(document, "", _("The file has no activities to check."))
    try:
        return plan, plan.computed()
    except HorizonError as error:
        name = called(plan.tasks[error.activities[0]])
        raise _unusable(document, _("%(what)s would end after 2150") % {"what": name}) from error
    except NetworkError as error:
        raise _unusable(document, str(error)) from error


def _stored(plan: StoredPlan) -> tuple[Plan, Schedule]:
    try:
        return network_of(plan)
    except NotComputable as refusal:
        raise CommandError(str(refusal), returncode=UNUSABLE) from refusal


def _unusable(document: Document, reason: str, otherwise: str = "") -> CommandError:
    """What reading has found says more than the engine does, which knows rows only."""
    errors = [one for one in document.warnings if one.severity == "error"]
    otherwise = otherwise or _("The dates cannot be computed: %(reason)s") % {"reason": reason}
    text = _told(errors) if errors else otherwise
    return CommandError(text, returncode=UNUSABLE)


def _told(problems: Iterable[Problem]) -> str:
    errors = [one for one in problems if one.severity == "error"]
    lines = [f"{words.message(one)} {words.advice(one)}" for one in errors[:SHOWN]]
    if len(errors) > SHOWN:
        lines.append(_("… and %(count)s more") % {"count": formats.number(len(errors) - SHOWN)})
    return "\n".join(lines)


def _facts(plan: Plan, dates: Schedule) -> dict[str, Any]:
    project = plan.document.project
    return {
        "project": project.title or project.name,
        "data_date": project.data_date.isoformat() if project.data_date else None,
        "start": moment(int(dates.start.min())).isoformat(),
        "finish": moment(int(dates.finish.max())).isoformat(),
        "activities": len(plan.tasks),
        "open": len(Case(plan, dates).open),
        "links": len(plan.links),
    }


def _problem(one: Problem) -> dict[str, Any]:
    told = {"message": words.message(one), "advice": words.advice(one)}
    return {"code": one.code, "severity": one.severity, "line": one.line, **told}
