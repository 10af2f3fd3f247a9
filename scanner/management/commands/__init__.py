"""`manage.py` commands of the scanner."""
