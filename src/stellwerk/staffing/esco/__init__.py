"""ESCO from a folder of CSV tables: read and checked here, written by ``services.esco``."""
