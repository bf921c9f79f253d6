"""Excel's engineering functions. Importing this package registers them."""

from sheetsim.functions.engineering import bessel, bits, complex_numbers, number_systems, steps, units  # noqa: F401
