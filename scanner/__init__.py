"""What we do about audio: probe, decide, reconcile."""
