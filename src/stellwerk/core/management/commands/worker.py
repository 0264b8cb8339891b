"""``stellwerk worker``: run background jobs; start as many as you like, on as many machines."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from stellwerk.core.commands import StellwerkCommand
from stellwerk.core.jobs.registry import QUEUES
from stellwerk.core.jobs.worker import Worker


class Command(StellwerkCommand):
    help = "Run background jobs, the schedule and the mail queue."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queues", default=",".join(QUEUES), help="only these, separated by commas (%(default)s)")
        parser.add_argument("--once", action="store_true", help="do what is due, then end")

    def handle(self, *args: Any, **options: Any) -> Any:
        queues = tuple(name.strip() for name in options["queues"].split(",") if name.strip())
        unknown = sorted(set(queues) - set(QUEUES))
        if unknown or not queues:
            raise CommandError(
                _("There is no queue “%(name)s”. There are: %(all)s.")
                % {"name": ", ".join(unknown), "all": ", ".join(QUEUES)}
            )
        Worker(queues, once=options["once"]).run()
        return 0
