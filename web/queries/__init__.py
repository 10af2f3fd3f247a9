"""What pages show, read from the database in few queries."""
