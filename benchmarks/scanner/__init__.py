"""The scanner service on pseudo-terminals, beside plain commits of the same rows.

python -m benchmarks.scanner [--ports N] [--seconds S] [--scans N] [--tags N] [--idle S]
    [--memory-scans N] [--dir DIR]
"""
