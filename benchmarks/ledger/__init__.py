"""The ledger at the size of a national centre, beside plain statements of its engine.

python -m benchmarks.ledger [--devices N] [--engine sqlite|postgresql] [--dir DIR]
"""
