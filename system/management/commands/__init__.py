"""`manage.py` commands of the system app."""
