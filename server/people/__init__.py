"""People: profiles, follows and requests to follow."""
