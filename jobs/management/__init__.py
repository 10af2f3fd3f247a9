"""Management of jobs from the command line."""
