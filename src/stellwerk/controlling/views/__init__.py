"""Views of the controlling room, one module per subject."""
