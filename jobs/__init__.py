"""The job engine: PostgreSQL is the queue of record, Celery runs the items."""
