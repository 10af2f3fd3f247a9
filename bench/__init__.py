"""Benchmarks: each prints a table and says the command that makes it."""
