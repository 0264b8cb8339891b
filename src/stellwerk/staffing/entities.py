"""How the core finds, permits and links clients, partners, profiles, vacancies, matches and contracts."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stellwerk.core.history import register_child_table, register_history_field, register_verb
from stellwerk.core.registry import EntityType, register_entity
from stellwerk.staffing.models import (
    Answer,
    Client,
    ClientContact,
    Consent,
    Contract,
    Match,
    Partner,
    PartnerContact,
    PayBand,
    Profile,
    Vacancy,
    WeightSet,
)

_CLIENT = ("*client__contacts__user_id",)
_PARTNER = ("*profile__partner__contacts__user_id",)

register_entity(
    EntityType(
        Client,
        talk="comment",
        icon="building",
        url_name="staffing:client-detail",
        scopes={"organisation": "organisation_id"},
        own={"client_contact": ("*contacts__user_id",)},
        search=("key", "name", "legal_name", "city"),
    )
)
register_entity(EntityType(ClientContact, icon="address-book", part_of="client", comments=False, attachments=False))
register_entity(
    EntityType(
        Partner,
        talk="comment",
        icon="affiliate",
        url_name="staffing:partner-detail",
        scopes={"organisation": "organisation_id"},
        own={"staffing_partner": ("*contacts__user_id",)},
        search=("key", "name", "legal_name", "city"),
    )
)
register_entity(EntityType(PartnerContact, icon="address-book", part_of="partner", comments=False, attachments=False))
register_entity(
    EntityType(
        Vacancy,
        talk="comment",
        icon="user-search",
        url_name="staffing:vacancy-detail",
        scopes={
            "organisation": "organisation_id",
            "unit": "demand__unit_id",
            "portfolio": "demand__project__portfolio_id",
            "programme": "demand__project__programme_id",
            "project": "demand__project_id",
        },
        own={
            "client_contact": _CLIENT,
            "staffing_partner": ("*shares__partner__contacts__user_id",),
            "project_manager": ("demand__project__manager__user_id",),
            "programme_manager": ("demand__project__programme__manager__user_id",),
            "sponsor": ("demand__project__sponsor__user_id", "demand__project__programme__sponsor__user_id"),
        },
        search=("key", "title", "title_en", "number"),
        related=("client", "demand", "role"),
        guarded={"rate_cap": "rates", "wishes": "comment"},
    )
)
register_entity(
    EntityType(
        Profile,
        icon="id",
        url_name="staffing:profile-detail",
        scopes={"organisation": "organisation_id"},
        own={"candidate": ("user_id",), "staffing_partner": ("*partner__contacts__user_id",)},
        search=("key", "first_name", "last_name", "email", "headline"),
        related=("person", "partner"),
        comments=False,  # the person and its partner would read them; recruiters note in the conversation of a match
        attachments=False,
    )
)
register_entity(EntityType(Consent, icon="checkbox", part_of="profile", comments=False, attachments=False))
register_entity(
    EntityType(
        Match,
        icon="arrows-join",
        url_name="staffing:match-detail",
        scopes={"organisation": "vacancy__organisation_id"},
        own={
            "client_contact": ("*vacancy__client__contacts__user_id",),
            "staffing_partner": _PARTNER,
            "candidate": ("profile__user_id",),
        },
        related=("vacancy", "profile"),
        search=("key",),
        private=("reasons",),
        # Each side reads its own score on the page of the match; who reads its history may be the other side.
        guarded=dict.fromkeys(("company_score", "person_score", "score", "override"), "export"),
        comments=False,  # both sides would read them; recruiters note in the conversation
        attachments=False,
    )
)
register_entity(
    EntityType(
        Contract,
        talk="comment",
        icon="signature",
        url_name="staffing:contract-detail",
        scopes={"organisation": "organisation_id"},
        own={
            "client_contact": _CLIENT,
            "staffing_partner": ("*partner__contacts__user_id", "*profile__partner__contacts__user_id"),
            "candidate": ("profile__user_id",),
        },
        search=("key",),
        related=("vacancy", "profile", "client"),
        guarded={"rate": "rates", "pay": "pay", "comparable": "pay"},
    )
)
register_entity(
    EntityType(
        WeightSet,
        icon="scale",
        url_name="staffing:weights",
        url_by="pk",
        catalogue=True,
        comments=False,
        attachments=False,
    )
)
register_entity(
    EntityType(
        PayBand,
        icon="coin",
        url_name="staffing:band-detail",
        url_by="pk",
        scopes={"organisation": "organisation_id"},
        related=("role", "organisation"),
        comments=False,
        attachments=False,
    )
)
register_verb("share", _("shared"))
register_verb("reveal", _("names revealed"))
register_verb("ask", _("both sides asked"))
register_verb("answer", _("answered"))
register_child_table("staffing.match", "answers", pgettext_lazy("noun", "Answer"), Answer)
register_history_field("appointment", _("Appointment"))
register_history_field("note", _("Note of the talk"))
register_history_field("reasons", _("Reasons of the scores"))
register_verb("sign", _("signature recorded"))
register_verb("check", _("checked"))
register_verb("raise", _("raised from a demand"))
register_verb("invite", _("appointment"))
register_verb("end", pgettext_lazy("verb", "ended"))
register_verb("move", _("appointment moved"))
register_verb("note", _("note of a talk"))
register_verb("export", _("data taken along"))
register_verb("accept", _("accepted as a client"))
register_verb("retire", _("replaced by a new version"))
register_verb("switch", _("switched"))
register_verb("disclose", _("self-disclosure changed"))
