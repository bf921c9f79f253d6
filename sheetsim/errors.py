"""What goes wrong in a way that a user can mend: one line that names file, sheet, cell and what to do.

Excel's error values are not these: they are values (`values.ExcelError`).
"""


def printable(text: str, most: int | None = None) -> str:
    """Text with names, formulas or texts out of a file in it, made one line that a terminal shows as it is
    (no escape sequences, no line ends, nothing that turns the direction), of at most `most` characters."""
    if most is not None and len(text) > most:
        text = text[: most - 3] + "..."
    return "".join(character if character.isprintable() else "?" for character in text)


class SheetsimError(Exception):
    """A bad request or an unreadable file; its text is one line for the user (exit code 2)."""


class MissingExtra(SheetsimError):
    """An optional library is needed and not installed."""

    def __init__(self, library: str, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs {library}: pip install 'sheetsim[{extra}]'")


class Unsupported(Exception):
    """A formula that the engine cannot work out; its text is the reason. Evaluators raise it, and plans turn
    it into a line of the report: it never reaches a user as an exception."""
