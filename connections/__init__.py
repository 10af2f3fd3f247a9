"""Every other program or service that Taggarr talks to: its address, secret, health and rate."""
