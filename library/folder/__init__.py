"""Plain folders of series or movies: what names and NFO files tell, and what lies where."""
