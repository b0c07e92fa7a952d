"""Beam's runners, and the graph on unbounded input."""
