"""A process apart for code that reads the bytes of strangers: no secrets, files, network; hard limits.

`keeper.Cage` is its parent's side. Nothing is imported here: the process itself needs no more than `child`.
"""
