"""Commands for artwork."""
