"""A layer of attention as people write it in a sheet (named lambdas, spilled matrices), judged by NumPy."""

from __future__ import annotations

import numpy as np

from sheetsim.address import Rect, cell_name
from sheetsim.run.execute import Calculation
from sheetsim.values import Scalar
from tests.language.sheets import book_of, computed

NAMES = {
    "SOFTMAX": "LAMBDA(m,LET(e,EXP(m-BYROW(m,LAMBDA(r,MAX(r)))),e/BYROW(e,LAMBDA(r,SUM(r)))))",
    "NORMALIZE": "LAMBDA(m,LET(mu,BYROW(m,AVERAGE),s,BYROW(m,STDEV.P),(m-mu)/(s+0.00001)))",
    "MASK": "LAMBDA(n,MAKEARRAY(n,n,LAMBDA(r,c,IF(c>r,-1E+9,0))))",
}


def matrix(found: Calculation, anchor: str) -> np.ndarray:
    region = next(r for r in found.plan.regions if str(r.rect).partition(":")[0] == anchor)
    return found.block("S", region.rect).numbers


def test_attention() -> None:
    generator = np.random.default_rng(4)
    x, q, k, v = (generator.uniform(-1, 1, shape) for shape in ((4, 6), (6, 4), (6, 4), (6, 4)))
    cells: dict[str, Scalar] = {}
    for top, block in ((0, x), (5, q), (12, k), (19, v)):
        for (row, column), number in np.ndenumerate(block):
            cells[cell_name(top + row, column)] = float(number)
    cells |= {
        "H1": "{=NORMALIZE(A1:F4)",
        "P1": "{=MMULT(H1#,A6:D11)",
        "U1": "{=MMULT(H1#,A13:D18)",
        "Z1": "{=MMULT(H1#,A20:D25)",
        "H6": "{=MMULT(P1#,TRANSPOSE(U1#))/SQRT(COLUMNS(P1#))+MASK(ROWS(P1#))",
        "N6": "{=SOFTMAX(H6#)",
        "S6": "{=MMULT(N6#,Z1#)",
        "H12": "{=HSTACK(S6#,LET(a,P1#,b,TAKE(a,,2),IF(b>0,b,0)))",
        "H18": "{=SORT(TOCOL(S6#),,-1)",
        "P12": "{=MAKEARRAY(4,4,LAMBDA(i,j,SUMPRODUCT(INDEX(P1#,i,0),INDEX(U1#,j,0))))",
        "Z12": "{=MAP(N6#,LAMBDA(p,IF(p>0,-p*LN(p),0)))",
        "AF1": "=SUM(N6#)",
    }
    found = computed(book_of(cells, NAMES))
    assert found.unsupported == []
    n = (x - x.mean(1, keepdims=True)) / (x.std(1, keepdims=True) + 1e-5)
    queries, keys, values = n @ q, n @ k, n @ v
    scores = queries @ keys.T / 2 + np.triu(np.full((4, 4), -1e9), 1)
    weights = np.exp(scores - scores.max(1, keepdims=True))
    weights /= weights.sum(1, keepdims=True)
    mixed = weights @ values
    entropy = np.zeros((4, 4))
    entropy[weights > 0] = -weights[weights > 0] * np.log(weights[weights > 0])
    expected = {
        "H1": n,
        "N6": weights,
        "S6": mixed,
        "H12": np.hstack([mixed, np.maximum(queries[:, :2], 0)]),
        "H18": np.sort(mixed.reshape(-1))[::-1, None],
        "P12": queries @ keys.T,
        "Z12": entropy,
    }
    for anchor, block in expected.items():
        np.testing.assert_allclose(matrix(found, anchor), block, rtol=1e-12, atol=1e-12, err_msg=anchor)
    np.testing.assert_allclose(found.block("S", Rect.parse("AF1")).numbers, 4.0, rtol=1e-14)
