"""Conferences, their ticket types and the seats of these."""
