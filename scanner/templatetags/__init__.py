"""Template tags of the scanner."""
