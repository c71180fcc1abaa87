"""Routes beside those of peers: `python -m benchmarks.routes --help`.

The same problem, the same wall time and the same cores for each, every plan read by
two checkers.  `make bench-routes` also makes the environment the peers live in.
"""
