"""From files to rows: where facts come from, and how they are stored."""
