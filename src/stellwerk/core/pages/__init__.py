"""Pages that every entity shares: forms with stale-edit handling, child tables, conflicts."""

from stellwerk.core.pages.entityform import EntityForm
from stellwerk.core.pages.fields import DayField, LocalDecimalField, LocalIntegerField, MoneyField
from stellwerk.core.pages.forms import create_page, edit_page, go, safe_url
from stellwerk.core.pages.rows import Rows
from stellwerk.core.pages.undo import offer_undo

__all__ = [
    "DayField",
    "EntityForm",
    "LocalDecimalField",
    "LocalIntegerField",
    "MoneyField",
    "Rows",
    "create_page",
    "edit_page",
    "go",
    "offer_undo",
    "safe_url",
]
