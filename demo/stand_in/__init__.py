"""What all stand-ins share: the process, the journal, the faults, and the control endpoints."""
