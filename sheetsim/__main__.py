"""`python -m sheetsim` is the command `sheetsim`."""

from sheetsim.cli.main import main

if __name__ == "__main__":
    main()
