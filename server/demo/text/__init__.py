"""Corpora and the compositional generator for everything that people of the demo world write."""
