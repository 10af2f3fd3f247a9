"""An upgrade on a copy: whether this code takes a backup's data whole, and whether there is a way back.

All of it happens in a temporary folder, with servers of its own. Each step is a process of its own, so that
the older code can take part in it; what databases hold is compared here, by counts and hashes.
"""
