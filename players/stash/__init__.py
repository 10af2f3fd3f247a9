"""Stash as a source: its scenes, its hook, and our plugin for it."""
