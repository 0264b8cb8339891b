"""The one list helper: filter, sort, group, columns, totals, paging, inline and bulk edit, saved views, export.

A room declares its lists as data in ``lists.py`` (:class:`ListSpec`, :class:`Column`, :func:`register_list`) and shows
them by ``list_page(request, "portfolio.project")`` from :mod:`stellwerk.core.lists.views`.
"""

from stellwerk.core.lists.spec import (
    LISTS,
    BulkAction,
    Column,
    ListSpec,
    figure_column,
    register_figure_source,
    register_list,
)

__all__ = ["LISTS", "BulkAction", "Column", "ListSpec", "figure_column", "register_figure_source", "register_list"]
