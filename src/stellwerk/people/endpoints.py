"""People in the API."""

from ninja import Router

from stellwerk.core.api.resources import Resource, add_resource
from stellwerk.people import services
from stellwerk.people.models import Location, Organisation, Person, Role, Unit

router = Router()
BASE = ("key", "version", "confidentiality", "archived_at", "created_at", "updated_at")
COMMON = ("key", "confidentiality")

add_resource(
    router,
    Resource(
        Organisation,
        "organisations",
        create=services.create_organisation,
        edit=services.edit_organisation,
        read=(*BASE, "name", "legal_name", "currency", "fiscal_year_start", "time_zone", "country", "subdivision"),
        write=(*COMMON, "name", "legal_name", "currency", "fiscal_year_start", "time_zone", "country", "subdivision"),
    ),
)
add_resource(
    router,
    Resource(
        Unit,
        "units",
        create=services.create_unit,
        edit=services.edit_unit,
        read=(*BASE, "name", "organisation", "parent", "manager", "cost_centre"),
        write=(*COMMON, "name", "organisation", "parent", "manager", "cost_centre"),
    ),
)
add_resource(
    router,
    Resource(
        Location,
        "locations",
        create=services.create_location,
        edit=services.edit_location,
        read=("id", "version", "organisation", "name", "country", "subdivision"),
        write=("organisation", "name", "country", "subdivision"),
    ),
)
add_resource(
    router,
    Resource(
        Role,
        "project-roles",
        create=services.create_role,
        edit=services.edit_role,
        read=(*BASE, "name", "name_en", "description", "is_key_role"),
        write=(*COMMON, "name", "name_en", "description", "is_key_role"),
    ),
)
_PERSON = (
    "title",
    "first_name",
    "last_name",
    "email",
    "phone",
    "unit",
    "manager",
    "role",
    "location",
    "employment_type",
    "fte",
    "weekly_hours",
    "entry_date",
    "exit_date",
)
add_resource(
    router,
    Resource(
        Person,
        "people",
        create=services.create_person,
        edit=services.edit_person,
        read=(*BASE, *_PERSON),
        write=(*COMMON, *_PERSON),
    ),
)
