"""Live events: server-sent events over a bounded Redis stream."""
