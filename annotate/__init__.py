"""The page on which a person corrects a drawing: server, log, exports."""
