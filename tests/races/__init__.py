"""Everybody at the same moment: first without the guard, to see the race; then with it."""
