"""``stellwerk doctor``: check this installation and say what to do; exit status 1 if there is a problem."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core.commands import StellwerkCommand
from stellwerk.core.doctor import HINT, OK, PROBLEM, examine


class Command(StellwerkCommand):
    help = "Check this installation and say what to do."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> Any:
        findings = examine()
        problems = [finding for finding in findings if finding.level == PROBLEM]
        if options["json"]:
            self.stdout.write(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
            return 1 if problems else 0
        style = {OK: self.style.SUCCESS, HINT: self.style.WARNING, PROBLEM: self.style.ERROR}
        words = {OK: _("ok"), HINT: _("hint"), PROBLEM: _("problem")}
        width = max(len(word) for word in words.values())
        for finding in findings:
            self.say(f"{style[finding.level](words[finding.level].ljust(width))}  {finding.what}")
            if finding.why:
                self.say(f"{' ' * width}    {finding.why}")
            if finding.todo:
                self.say(f"{' ' * width}    → {finding.todo}")
        self.say("")
        count = len(problems)
        self.say(
            ngettext("%(count)s problem.", "%(count)s problems.", count) % {"count": count}
            if count
            else _("All is well.")
        )
        return 1 if problems else 0
