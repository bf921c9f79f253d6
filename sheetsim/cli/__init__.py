"""The command `sheetsim`, a file each command. It imports nothing from the current folder, where a `numpy.py`
may lie that nobody meant to run: see `processes.py`."""

import sys

from sheetsim.processes import import_path

sys.path[:] = import_path()
