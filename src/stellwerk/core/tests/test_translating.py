"""Catalogs of one language are merged where their plural rule is the same."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext, override
from django.utils.translation.trans_real import translation


def test_the_texts_of_all_rooms_lie_in_few_dictionaries() -> None:
    assert len(translation("de")._catalog._catalogs) <= 4


def test_texts_and_plurals_are_found_in_the_merged_dictionary() -> None:
    with override("de"):
        assert gettext("Data date") == "Stichtag"
        assert ngettext("%(count)s hidden", "%(count)s hidden", 2) % {"count": 2} == "2 verborgen"
