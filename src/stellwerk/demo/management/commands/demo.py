"""``stellwerk demo``: load the demo company into an empty database and serve it with one-click sign-in."""

from __future__ import annotations

import os
import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from stellwerk.core.commands import StellwerkCommand
from stellwerk.core.management.commands.serve import bring_up_to_date
from stellwerk.people.models import Organisation


class Command(StellwerkCommand):
    help = "Load the demo company (any size, always the same for the same seed) and serve it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--projects", type=int, default=60)
        parser.add_argument("--people", type=int, default=200)
        parser.add_argument(
            "--activities", type=int, default=0, help="in each plan; 0: 25 to 60, by the size of the project"
        )
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--no-serve", action="store_false", dest="serve", help="load only")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> Any:
        bring_up_to_date(self)
        self.load(options)
        if options["serve"]:
            os.environ["STELLWERK_DEMO"] = "1"
            settings.DEMO = True
            return int(call_command("serve", host=options["host"], port=options["port"]) or 0)
        return 0

    def load(self, options: dict[str, Any]) -> None:
        from stellwerk.demo.company import Size, exists
        from stellwerk.demo.generate import generate

        wanted = {name: options[name] for name in ("projects", "people", "activities", "seed")}
        known = exists()
        if known is not None:
            if {name: known.get(name, 0) for name in wanted} != wanted:
                raise CommandError(
                    _("The data folder %(folder)s holds a demo of another size. Choose another STELLWERK_HOME.")
                    % {"folder": settings.HOME}
                )
            self.say(_("The demo company is there already."))
            return
        if Organisation.objects.exists():
            raise CommandError(
                _(
                    "The data folder %(folder)s holds your own data: the demo is never mixed with it. Choose another STELLWERK_HOME."
                )
                % {"folder": settings.HOME}
            )
        self.say(_("Loading the demo company: %(projects)s projects, %(people)s people …") % wanted)
        began = time.monotonic()
        try:
            generate(Size(**wanted), progress=lambda done, total, text: self.progress(done, total, f" {text}"))
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.say(_("Loaded in %(seconds)s s.") % {"seconds": f"{time.monotonic() - began:.1f}"})
