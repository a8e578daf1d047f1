"""Benchmarks: what the programs cost and how good their results are, one measurement a file."""
