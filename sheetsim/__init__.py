"""sheetsim: spreadsheets and deep-learning code that say the same thing, cell for cell."""
