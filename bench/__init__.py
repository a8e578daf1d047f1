"""Benchmarks: what the programs cost, each beside a plain way of doing the same, in one run."""
