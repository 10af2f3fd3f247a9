"""NFO files: labels spliced in, every other byte left alone."""
