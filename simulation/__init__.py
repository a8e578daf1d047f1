"""People simulated: line statistics, strokes, annotators, the refinement session and whole corrections."""
