"""Stories: the tray, views, and the 24 hours."""
