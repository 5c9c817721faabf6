"""Registrations: taking a seat, waiting for one, giving it back."""
