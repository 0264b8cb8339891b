"""What the commands of the room ask alike: who, which project, which file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.core.permissions import visible
from stellwerk.planning import words
from stellwerk.planning.exchange import Document, ScheduleFileError, read_schedule
from stellwerk.planning.models import Plan
from stellwerk.planning.selectors.chart import plan_of_project
from stellwerk.portfolio.models import Project

REFUSED: Final = 1
UNUSABLE: Final = 2
SHOWN: Final = 20


def project_named(key: str, by: User | None) -> Project:
    """The project with this key that ``by`` may see."""
    found = (
        Project.objects.select_related("portfolio__unit", "unit").filter(visible(by, Project), key=key.strip()).first()
    )
    if found is None:
        raise CommandError(_("There is no project %(key)s, or you may not see it.") % {"key": key}, returncode=UNUSABLE)
    return found


def plan_named(key: str, by: User | None) -> Plan:
    """The plan of the project with this key."""
    plan = plan_of_project(project_named(key, by))
    if plan is None:
        raise CommandError(_("The project %(key)s has no plan yet.") % {"key": key}, returncode=UNUSABLE)
    return plan


def read_document(path: Path) -> Document:
    """The schedule in a file, or every problem with its line and what to do."""
    try:
        return read_schedule(path)
    except ScheduleFileError as refusal:
        errors = [one for one in refusal.problems if one.severity == "error"]
        lines = [f"{words.message(one)} {words.advice(one)}" for one in errors[:SHOWN]]
        if len(errors) > SHOWN:
            lines.append(_("… and %(count)s more") % {"count": formats.number(len(errors) - SHOWN)})
        raise CommandError("\n".join(lines), returncode=UNUSABLE) from refusal
    except FileNotFoundError as error:
        raise CommandError(_("This file does not exist: %(name)s") % {"name": path}, returncode=UNUSABLE) from error
    except OSError as error:
        reason = error.strerror or error
        raise CommandError(
            _("The file cannot be read: %(reason)s") % {"reason": reason}, returncode=UNUSABLE
        ) from error
