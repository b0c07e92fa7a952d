"""Newsletters by e-mail."""
