"""NFOs: read tolerantly into one value; merged by byte splices, or written whole."""
