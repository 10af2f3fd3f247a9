"""Template tags of the system app."""
