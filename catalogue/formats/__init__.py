"""What other programs export, read: each format by what is in the file, whatever it is called."""
