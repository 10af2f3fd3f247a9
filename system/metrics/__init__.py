"""Metrics for Prometheus: what the database and Redis know, read anew at every scrape."""
