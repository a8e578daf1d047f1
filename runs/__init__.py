"""Whole runs, put together from the other rooms: training, evaluation, and the record that each keeps of itself."""
