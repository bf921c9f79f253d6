"""LibreOffice as an independent judge: the workbook recalculated by it, headless.

LibreOffice trusts the stored values of a file unless it is told to recalculate. Each run gets a private
profile that says so (`OOXMLRecalcMode` 0: always), and that runs no macro and follows no link, whatever the
file holds. The result comes back through an .xlsx that LibreOffice saves, with 15 significant digits.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from sheetsim.errors import SheetsimError
from sheetsim.processes import find_program, run
from sheetsim.workbook import Workbook

_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:\\Program Files\\LibreOffice\\program\\soffice.exe",
)

_SETTINGS = {
    "Office.Calc/Formula/Load": {"OOXMLRecalcMode": "0"},  # 0 always, 1 never, 2 ask
    # LibreOffice 7.4's threads lose their way in long recurrences and leave #VALUE! there
    "Office.Calc/Formula/Calculation": {"UseThreadedCalculationForFormulaGroups": "false"},
    "Office.Calc/Content/Update": {"Link": "2"},  # 2 never
    # it fetches linked pictures whatever is said of links: through a port that throws all away
    "Inet/Settings": {
        "ooInetProxyType": "2",
        "ooInetHTTPProxyName": "127.0.0.1",
        "ooInetHTTPProxyPort": "9",
        "ooInetHTTPSProxyName": "127.0.0.1",
        "ooInetHTTPSProxyPort": "9",
        "ooInetNoProxy": "",
    },
    "Office.Common/Security/Scripting": {
        "MacroSecurityLevel": "3",  # only from trusted places, of which a fresh profile has none
        "DisableMacrosExecution": "true",
        "BlockUntrustedRefererLinks": "true",
    },
}


def program() -> str | None:
    """The path of LibreOffice's `soffice`, None where it is not installed."""
    found = find_program("soffice", "libreoffice")
    return found or next((place for place in _PLACES if Path(place).exists()), None)


def recalculate(path: Path, timeout: float = 300) -> Workbook:
    """The workbook with all formulas computed anew by LibreOffice.

    SheetsimError when it is not installed, does not end within `timeout` seconds, or cannot read the file.
    """
    from sheetsim.xlsx.read.workbook import read_workbook

    with tempfile.TemporaryDirectory(prefix="sheetsim-") as folder:
        return read_workbook(save(path, Path(folder), timeout=timeout))


def save(path: Path, folder: Path, timeout: float = 300) -> Path:
    """Open `path`, recalculate, save as an .xlsx of the same stem inside `folder`; the new file's path."""
    soffice = program()
    if soffice is None:
        raise SheetsimError("LibreOffice is not installed (no soffice on the PATH)")
    folder = folder.absolute()
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_profile(), encoding="utf-8")
    source = folder / "in" / path.name  # a copy: no lock file beside the user's own
    source.parent.mkdir(exist_ok=True)
    shutil.copyfile(path, source)
    command = [soffice, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
    command += ["--nolockcheck", "--convert-to", "xlsx", "--outdir", str(folder / "out"), str(source)]
    said = run(command, called="LibreOffice", timeout=timeout).stderr.strip().splitlines()[-1:]
    saved = folder / "out" / f"{path.stem}.xlsx"
    if not saved.is_file():
        raise SheetsimError(f"LibreOffice could not open {path.name}{''.join(f': {line}' for line in said)}")
    return saved


def _profile() -> str:
    items = "".join(
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value}</value></prop></item>\n"
        for path, properties in _SETTINGS.items()
        for name, value in properties.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n{items}</oor:items>\n'
    )
