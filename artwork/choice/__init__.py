"""Which picture and which value a title gets: scored, ranked, chosen, and left alone where it is locked."""
