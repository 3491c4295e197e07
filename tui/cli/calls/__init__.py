"""What `parlour api` is made of: a request out of arguments, and its reply in the form that was asked for."""
