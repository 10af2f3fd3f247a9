"""What every other package may use: no models, no domain, no Django."""
