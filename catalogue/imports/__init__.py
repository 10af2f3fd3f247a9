"""Imports: from an uploaded file to rows, from rows to the collection, and all of it back."""
