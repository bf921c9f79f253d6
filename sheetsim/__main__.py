"""`sheetsim` and `python -m sheetsim`: where the command starts.

What has to hold before anything else is loaded is done here: Ctrl-C ends with one line, the standard streams
are open (else a file that is opened would become what errors are printed to), and nothing is imported from
the current folder, where a `numpy.py` may lie that nobody meant to run: see `processes.py`.
"""

import sys

from sheetsim.cli.signals import end_at_once
from sheetsim.processes import import_path, open_streams

end_at_once()
open_streams()
sys.path[:] = import_path()


def main() -> None:
    from sheetsim.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
