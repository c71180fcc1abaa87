"""The scanner service under every fault there is: is a scan lost, or there twice?

python -m benchmarks.soak [--scans N] [--kills N] [--engine sqlite|postgresql]
    [--seed N]
"""
