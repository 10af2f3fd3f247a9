"""The jobs: what a scan reads, decides and writes, and what holds it back."""
