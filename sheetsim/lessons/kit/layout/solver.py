"""A problem for Excel's Solver, stored in a sheet's hidden names as Excel stores it: Data > Solver shows it,
`sheetsim solve FILE` solves it.

The names are those that Excel writes (found in workbooks that it saved): `solver_opt` the objective,
`solver_adj` the changing cells, `solver_typ` 2 to minimise, `solver_neg` 2 as they may be negative,
`solver_tim` the seconds after which Excel asks whether to go on.
"""

from __future__ import annotations

from collections.abc import Sequence

from sheetsim.address import Rect, absolute
from sheetsim.workbook import DefinedName, Workbook

_OPTIONS = {
    **{"cvg": "0.0001", "drv": "2", "eng": "1", "est": "1", "itr": "2147483647", "mip": "2147483647"},
    **{"mni": "30", "mrt": "0.075", "msl": "2", "neg": "2", "nod": "2147483647", "num": "0", "nwt": "1"},
    **{"pre": "0.000001", "rbv": "1", "rlx": "2", "rsd": "0", "scl": "1", "sho": "2", "ssz": "100"},
    **{"tim": "60", "tol": "0.01", "typ": "2", "val": "0", "ver": "3"},
}


def store_problem(book: Workbook, sheet: str, objective: Rect, changing: Sequence[Rect]) -> None:
    """Minimise a cell of the sheet by changing cells of the sheet."""
    names = {
        **_OPTIONS,
        "opt": absolute(sheet, objective),
        "adj": ",".join(absolute(sheet, rect) for rect in changing),
    }
    for name, formula in sorted(names.items()):
        book.names.append(DefinedName(f"solver_{name}", formula, scope=sheet, hidden=True))
