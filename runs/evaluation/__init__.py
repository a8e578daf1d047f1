"""The evaluation: simulated corrections of whole mirrors, as jobs, each with a record."""
