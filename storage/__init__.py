"""Pictures and files by their content: kept once, whole or not at all, and as long as somebody uses them."""
