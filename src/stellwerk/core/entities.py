"""How the core treats its own entities, who may see them, and where its pages stand in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import AuditEntry, ChangeSet
from stellwerk.core.navigation import register_nav
from stellwerk.core.permissions import allow, can
from stellwerk.core.registry import EntityType, register_entity

# What an administrator looks after; the trail of business data is not theirs to read (domain.md section 1).
TECHNICAL = ("core.user", "core.grant", "core.setting", "core.apitoken", "core.job", "core.schedule", "core.snapshot")

register_entity(EntityType(AuditEntry, icon="history", comments=False, attachments=False))
register_entity(
    EntityType(ChangeSet, icon="history", url_name="core:changeset", url_by="uid", comments=False, attachments=False)
)

allow("auditor", "O", "core.auditentry", "view export")
allow("pmo_lead", "O", "core.auditentry", "view export")
allow("administrator", "O", "core.auditentry", "view export", entity_type=TECHNICAL)
allow("pmo_lead", "O", "core.changeset", "view edit")
allow("auditor", "O", "core.changeset", "view")

register_nav("my_day", _("My day"), "home", "core:home", order=10)
register_nav("my_day", _("My changes"), "history", "core:changesets", order=200)
register_nav("quality", _("Findings"), "checklist", "core:findings", order=10)
register_nav(
    "administration",
    _("Audit trail"),
    "shield",
    "core:audit",
    order=60,
    permission=lambda user: can(user, "view", "core.auditentry"),
)
