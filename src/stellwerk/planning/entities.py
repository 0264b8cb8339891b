"""How the core finds, permits and links plans, activities, baselines and calendars."""

from django.utils.translation import gettext_lazy as _

from stellwerk.core.history import register_verb
from stellwerk.core.registry import EntityType, register_entity
from stellwerk.planning.models import Activity, Assignment, Baseline, Link, Plan, PlanResource, WorkingCalendar

register_entity(EntityType(Plan, icon="timeline", url_name="planning:plan", part_of="project"))
register_entity(
    EntityType(
        Activity,
        icon="subtask",
        url_name="planning:activity-detail",
        url_by="pk",
        scopes={
            "organisation": "plan__project__portfolio__unit__organisation_id",
            "unit": "plan__project__unit_id",
            "portfolio": "plan__project__portfolio_id",
            "programme": "plan__project__programme_id",
            "project": "plan__project_id",
        },
        own={
            "project_manager": ("plan__project__manager__user_id",),
            "sponsor": ("plan__project__sponsor__user_id", "plan__project__programme__sponsor__user_id"),
            "programme_manager": ("plan__project__programme__manager__user_id",),
            "team_member": ("responsible__user_id",),
        },
        search=("wbs", "code", "name"),
        related=("plan__project", "responsible"),
        confidentiality="plan__project__confidentiality",
        guarded={"cost": "costs"},
        minutes=("duration", "remaining"),
    )
)
register_entity(EntityType(Link, icon="link", part_of="plan", comments=False, attachments=False, minutes=("lag",)))
register_entity(EntityType(PlanResource, icon="user", part_of="plan", comments=False, attachments=False))
register_entity(EntityType(Assignment, icon="user-check", part_of="plan", comments=False, attachments=False))
register_entity(EntityType(Baseline, icon="lock", url_name="planning:baseline-detail", url_by="pk", part_of="plan"))
register_entity(
    EntityType(
        WorkingCalendar,
        icon="calendar",
        url_name="planning:calendar-detail",
        search=("key", "name"),
        related=("organisation", "base"),
        catalogue=True,
        seen_with=("plan", "person"),
    )
)
register_verb("plan_edit", _("plan changed"))
register_verb("schedule", _("rescheduled"))
register_verb("schedule_import", _("schedule imported"))
