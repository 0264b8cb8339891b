"""``stellwerk import actuals FILE --period YYYY-MM``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from stellwerk.controlling.choices import BookingKind
from stellwerk.controlling.ledger.fields import LABELS
from stellwerk.controlling.months import parse
from stellwerk.controlling.services.actuals_import import import_actuals, whose_file
from stellwerk.controlling.services.bookings import Outcome
from stellwerk.core import formats
from stellwerk.core.commands import StellwerkCommand, user_named
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.management.commands.serve import bring_up_to_date
from stellwerk.people.models import Organisation

COMPLETE, REJECTIONS, UNUSABLE = 0, 1, 2
SHOWN = 20


class Command(StellwerkCommand):
    help = "Book actuals or commitments from a line-item export (CSV, XLSX): each line once, the rest is named."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--period", required=True, metavar="YYYY-MM", help="month of the import; later lines are refused"
        )
        parser.add_argument("--mapping", type=Path, metavar="FILE", help='JSON: {"columns": {field: heading}, "decimal_sign": ","}')  # fmt: skip
        parser.add_argument("--organisation", metavar="KEY", help="legal entity; needed where there are several")
        parser.add_argument("--commitments", action="store_true", help="the file is the stand of open orders")
        parser.add_argument("--as", dest="user", metavar="USER", help="mail address: with this user's permissions")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> Any:
        bring_up_to_date(self)
        by = user_named(options["user"])
        mapping = _mapping(options["mapping"])
        try:
            month = parse(options["period"])
            with options["file"].open("rb") as stream:
                organisation = _organisation(options["organisation"], stream, options["file"].name)
                _batch, outcome = import_actuals(
                    stream,
                    options["file"].name,
                    organisation=organisation,
                    by=by,
                    month=month,
                    kind=BookingKind.COMMITMENT if options["commitments"] else BookingKind.ACTUAL,
                    chosen=mapping.get("columns"),
                    decimal_sign=mapping.get("decimal_sign"),
                    step=None if options["json"] else self._tell,
                )
        except FileNotFoundError as error:
            raise CommandError(_("This file does not exist: %(name)s") % {"name": options["file"]}, returncode=UNUSABLE) from error  # fmt: skip
        except OSError as error:
            raise CommandError(_("The file cannot be read: %(reason)s") % {"reason": error.strerror or error}, returncode=UNUSABLE) from error  # fmt: skip
        except Invalid as error:
            text = " ".join(text for texts in error.errors.values() for text in texts)
            raise CommandError(text, returncode=UNUSABLE) from error
        except Refused as error:
            raise CommandError(str(error), returncode=UNUSABLE) from error
        if options["json"]:
            self.stdout.write(json.dumps(outcome.told(), ensure_ascii=False))
        else:
            self._show(outcome)
        return REJECTIONS if outcome.refused else COMPLETE

    def _tell(self, done: int, total: int | None) -> None:
        self.progress(done, total or done, _("Booking lines"))

    def _show(self, outcome: Outcome) -> None:
        told = {
            "lines": outcome.lines,
            "booked": outcome.booked,
            "duplicates": outcome.duplicates,
            "unmapped": outcome.unmapped,
            "refused": outcome.refused,
        }
        self.say(
            _("%(lines)s lines: %(booked)s booked, %(duplicates)s known already, %(unmapped)s without a project, %(refused)s refused")
            % {name: formats.number(value) for name, value in told.items()}
        )  # fmt: skip
        for currency, total in sorted(outcome.sums.items()):
            self.say(f"  {formats.money(total, currency)}")
        for refusal in outcome.refusals[:SHOWN]:
            self.say(f"  {refusal.number} {refusal.column}: {refusal.reason}")
        if outcome.refused > SHOWN:
            self.say(f"  … {outcome.refused - SHOWN}")


def _organisation(key: str | None, stream: IO[bytes], name: str) -> Organisation:
    known = list(Organisation.objects.filter(archived_at=None))
    if key:
        found = next((one for one in known if one.key == key), None)
        if found is None:
            raise Refused(_("There is no organisation %(key)s.") % {"key": key})
        return found
    guessed = known[0] if len(known) == 1 else whose_file(stream, name, known)
    if guessed is None:
        raise Refused(_("There are several legal entities, and the file does not show whose it is: name one with --organisation."))  # fmt: skip
    return guessed


def _mapping(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(_("The mapping %(name)s cannot be read: %(reason)s") % {"name": path, "reason": error}, returncode=UNUSABLE) from error  # fmt: skip
    columns = found.get("columns", {}) if isinstance(found, dict) else None
    if not isinstance(columns, dict) or not all(isinstance(value, str) for value in columns.values()):
        raise CommandError(
            _('The mapping must be JSON such as {"columns": {"amount": "Wert/BWähr"}, "decimal_sign": ","}; fields: %(names)s')
            % {"names": ", ".join(LABELS)},
            returncode=UNUSABLE,
        )  # fmt: skip
    return {"columns": columns, "decimal_sign": str(found.get("decimal_sign") or "")}
