"""One file a format; sources/__init__.py is their index."""
