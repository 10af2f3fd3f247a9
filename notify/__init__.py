"""Notifications: channels, what they are told, and how it is delivered."""
