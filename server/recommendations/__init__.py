"""What a listener may like next."""
