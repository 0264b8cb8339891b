"""Background jobs of the import."""
