"""The resources of the platform."""
