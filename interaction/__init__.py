"""Interactive correction: prompts, the session that takes them, refiners, merge rules, and the log."""
