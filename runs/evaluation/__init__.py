"""The evaluation: simulated corrections of whole mirrors, as jobs with records."""
