"""Languages: one form for every code and name, and which of them count as the same."""
