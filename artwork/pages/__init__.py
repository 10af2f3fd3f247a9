"""The pages of artwork."""
