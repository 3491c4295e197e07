"""Other terminal programs, installed on demand and measured beside ours."""
