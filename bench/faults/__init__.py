"""What Taggarr survives: faults at random moments of a scan, with every program and server real."""
