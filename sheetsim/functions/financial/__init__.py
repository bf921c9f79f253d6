"""Excel's financial functions. Importing this package registers them."""

from sheetsim.functions.financial import (  # noqa: F401
    annuities,
    bonds,
    cashflows,
    depreciation,
    discounts,
    odd_coupons,
)
