"""Taking an import back: what was written in bulk, past the recorder, goes here; the rest the core takes back."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core.changesets import ChangeKind, register_change_kind
from stellwerk.core.errors import Text
from stellwerk.core.models import ChangeItem, ChangeSet, User
from stellwerk.portfolio.models import Gate, Project, ProjectAlias, ProjectStatus
from stellwerk.portfolio.services.figures import undo_figures

KIND = "import"


def created_by(change_set: ChangeSet) -> QuerySet[ChangeItem, int]:
    """Numbers of the projects that the import created."""
    items = ChangeItem.objects.filter(change_set=change_set, entity_type="portfolio.project", operation="create")
    return items.values_list("entity_id", flat=True)


def _changed_later(change_set: ChangeSet) -> Iterable[Text]:
    """Projects that the import created and that somebody (or a later import) has changed since."""
    changed = Project.objects.filter(pk__in=created_by(change_set), version__gt=1)
    count = changed.count()
    if count:
        names = ", ".join(f"{project.key} {project.name}" for project in changed[:5]) + (" …" if count > 5 else "")
        yield _("Changed since this import: %(names)s. Take the later change back first.") % {"names": names}


def _before(change_set: ChangeSet, by: User | None) -> None:
    undo_figures(change_set=change_set)
    ChangeItem.objects.filter(change_set=change_set, entity_type="portfolio.figure").delete()
    created = created_by(change_set)
    ProjectStatus.objects.filter(change_set=change_set, project_id__in=created).delete()
    ProjectAlias.objects.filter(project_id__in=created).delete()
    Gate.objects.filter(project_id__in=created, version=1, state="planned").delete()


register_change_kind(
    ChangeKind(
        KIND,
        gettext_lazy("Import of a portfolio"),
        icon="upload",
        undoable=_changed_later,
        before_undo=_before,
        preview_url="portfolio:import-preview",
    )
)
