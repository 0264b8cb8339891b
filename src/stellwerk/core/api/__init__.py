"""What every room's ``endpoints.py`` stands on: authentication, problems, resources."""

from stellwerk.core.api.document import share_answers

share_answers()
