"""Comparing blocks of cells: distances, tolerances, and that one corrupted cell is seen and named."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetsim.checking.compare import APART, Tolerance, as_cells, compare, ulps
from sheetsim.values import ExcelError, Scalar, Values

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(FINITE, st.sampled_from([math.inf, -math.inf]))
def test_neighbours_are_one_ulp_apart(number: float, towards: float) -> None:
    other = math.nextafter(number, towards)
    if math.isfinite(other):
        assert ulps(np.array([number]), np.array([other])).tolist() == [1]


@given(FINITE)
def test_a_number_is_no_ulp_from_itself(number: float) -> None:
    assert ulps(np.array([number]), np.array([number])).tolist() == [0]


def test_ulps_add_up_across_zero() -> None:
    tiny = 5e-324
    pairs = np.array([[-tiny, tiny], [-0.0, 0.0], [0.0, tiny], [-2 * tiny, 0.0]])
    assert ulps(pairs[:, 0], pairs[:, 1]).tolist() == [2, 0, 1, 2]
    largest = np.array([1.7976931348623157e308])
    assert ulps(-largest, largest).tolist() == [2 * (0x7FF << 52) - 2]  # all finite numbers of both signs


def test_one_corrupted_cell_is_found() -> None:
    stored = np.arange(12.0).reshape(4, 3) + 1
    computed = stored.copy()
    stored[2, 1] += 1e-9
    seen = compare(Values(stored), Values(computed), Tolerance(column=1e-12))
    assert seen.differing() == [(2, 1)]
    assert (seen.cells, seen.agreeing, seen.bit_identical) == (12, 11, 11)
    assert seen.max_rel == pytest.approx(1e-9 / 11)


def test_tolerance_of_a_column_is_of_its_largest_magnitude() -> None:
    computed = Values(np.array([[1e6, 1.0], [1e-9, 1.0]]))
    stored = Values(computed.numbers + np.array([[0, 0], [1e-7, 1e-7]]))
    assert compare(stored, computed, Tolerance(column=1e-12)).differing() == [(1, 1)]
    assert compare(stored, computed, Tolerance(relative=1e-12)).differing() == [(1, 0), (1, 1)]


def test_a_wild_stored_value_does_not_widen_its_own_tolerance() -> None:
    computed = Values(np.ones((3, 1)))
    stored = Values(np.array([[1e300], [1.5], [1.0]]))
    assert compare(stored, computed, Tolerance(column=1e-3)).differing() == [(0, 0), (1, 0)]


@pytest.mark.parametrize(
    ("stored", "computed"),
    [
        (None, 0.0),
        ("1", 1.0),
        (True, 1.0),
        ("a", "A"),
        (ExcelError.NUM, ExcelError.DIV0),
        (ExcelError.NUM, float(ExcelError.NUM)),
    ],
)
def test_other_kinds_of_value_must_be_equal(stored: Scalar, computed: Scalar) -> None:
    both = Values.of([[stored, 1.0]]), Values.of([[computed, 1.0]])
    seen = compare(*both, Tolerance(absolute=1e9))
    assert seen.differing() == [(0, 0)]
    assert seen.ulp[0, 0] == APART
    assert seen.max_rel == math.inf
    for block in both:
        assert compare(block, block, Tolerance()).bit_identical == 2


def test_only_what_is_asked_counts() -> None:
    stored, computed = Values.of([["x"], [1.0]]), Values.of([[5.0], [1.0]])
    seen = compare(stored, computed, Tolerance(), np.array([[False], [True]]))
    assert (seen.cells, seen.bit_identical, seen.max_ulp, seen.differing()) == (1, 1, 0, [])


def test_numbers_that_are_not_finite_stand_for_error_values() -> None:
    stored = Values.of([[ExcelError.DIV0], [1.0], [ExcelError.NUM]])
    told = as_cells(np.array([[np.inf], [np.nan], [3.0]]), stored)
    assert compare(stored, told, Tolerance(column=1)).differing() == [(1, 0), (2, 0)]


def test_nan_stands_for_cells_that_show_nothing() -> None:
    stored = Values.of([[None], [""], [1.0], [None]])
    told = as_cells(np.array([[np.nan], [np.nan], [np.nan], [1.0]]), stored)
    assert compare(stored, told, Tolerance(column=1)).differing() == [(2, 0), (3, 0)]


def test_blocks_of_different_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(1, 2\) and \(2, 1\)"):
        compare(Values(np.zeros((1, 2))), Values(np.zeros((2, 1))), Tolerance())
