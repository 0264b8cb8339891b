"""Views of the pages that every entity shares."""
