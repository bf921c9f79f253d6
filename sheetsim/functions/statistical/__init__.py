"""Excel's statistical functions. Importing this package registers them."""

from sheetsim.functions.statistical import (  # noqa: F401
    continuous,
    discrete,
    moments,
    order,
    regression,
    tests_of_samples,
    variances,
)
