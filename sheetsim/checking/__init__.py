"""Compare blocks of values: recalculation, the matrix lesson x implementation, and reports."""
