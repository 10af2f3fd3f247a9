"""Reading the audio and subtitle tracks of a video file, without Django and without an opinion about them.

`engines.probe` does. Nothing is imported here: the process in the cage needs no more than `library`.
"""
