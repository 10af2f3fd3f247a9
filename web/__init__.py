"""The pages: thin views over the services of the other apps."""
