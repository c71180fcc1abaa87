"""How much of something there may be; more is a slip of the finger."""

MINUTES_MAX = 24 * 60
"""Of setting a device up, or of training somebody to use it."""
VOLUME_ML_MAX = 100_000_000
"""Of a device."""
CAPACITY_LITRES_MAX = 100_000
"""Of a vehicle."""
QUANTITY_MAX = 10_000_000
"""Of a lot in one move or count."""
