"""What happens between a person and a drawing: prompts, the session, refiners, merge rules, the log."""
