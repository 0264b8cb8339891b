"""What every room's ``endpoints.py`` stands on: authentication, problems, resources."""
