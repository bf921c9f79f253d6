"""The command `sheetsim`, a file each command; it starts in `__main__.py`."""
