"""``stellwerk create-admin E-MAIL``: an account with the roles administrator and PMO lead."""

from __future__ import annotations

import getpass
import os
import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from stellwerk.core.commands import StellwerkCommand
from stellwerk.core.first_start import create_administrator
from stellwerk.core.models import User


class Command(StellwerkCommand):
    help = "Create an administrator, or make an existing account one (its password stays)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="first and last name")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")

    def handle(self, *args: Any, **options: Any) -> Any:
        exists = User.objects.filter(email__iexact=options["email"].strip()).exists()
        password = "" if exists else _password(options["password_stdin"])
        user = create_administrator(email=options["email"], name=options["name"], password=password)
        self.say(_("%(name)s is an administrator now.") % {"name": user.email})
        return 0


def _password(from_stdin: bool) -> str:
    given = os.environ.get("STELLWERK_ADMIN_PASSWORD", "")
    if given:
        return given
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise CommandError(_("No password given: use --password-stdin, or set STELLWERK_ADMIN_PASSWORD."))
    first = getpass.getpass(_("Password: "))
    if first != getpass.getpass(_("Once more: ")):
        raise CommandError(_("The two passwords differ. Nothing was created."))
    return first
