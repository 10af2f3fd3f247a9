"""Events: what changed, why, by whom."""
