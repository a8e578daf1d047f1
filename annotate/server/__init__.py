"""The web server: the application, its guard, and how it is started."""
