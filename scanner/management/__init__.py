"""Scans and verdicts on the command line."""
