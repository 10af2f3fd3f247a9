"""From facts to verdict: what counts, what it amounts to, and why. Pure but for `stored`."""
