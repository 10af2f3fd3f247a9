"""Artwork: every title has its pictures and what is known of it, beside its files."""
