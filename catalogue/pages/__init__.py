"""The pages of the collection: the list, a work, imports, and rows in doubt."""
