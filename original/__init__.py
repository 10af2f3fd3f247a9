"""Coming from the original Taggarr: its settings become ours, its state teaches which tags it wrote.

The shapes read here are those of BassHous3/taggarr (environment variables, `taggarr.json`) up to 0.5.3 and
of its fork STiXzoOR/taggarr (`taggarr.yaml`) up to 0.8.0.
"""
