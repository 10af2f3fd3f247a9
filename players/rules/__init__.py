"""What is decided about players: pure, data in and data out."""
