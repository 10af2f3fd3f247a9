"""What is there: instances, policies, media, files, tags, and the clients that ask for them."""
