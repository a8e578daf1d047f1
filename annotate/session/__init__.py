"""One annotation session a mirror: strokes come in, are logged, answered in turn, and published."""
