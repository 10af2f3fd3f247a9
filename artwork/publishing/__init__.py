"""Writing what a title should have beside it: all of it or nothing, and so that it can be undone.

`plan` decides, `folder` touches the disk, `journal` carries out what was planned and finishes what a crash
left, `verifying` looks whether it still stands.
"""
