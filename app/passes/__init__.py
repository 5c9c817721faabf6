"""Passes: the code that a door checks, its picture, and the pages that show it."""
