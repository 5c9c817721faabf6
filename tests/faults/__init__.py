"""What stands between the app and its cloud goes wrong, on purpose and counted."""
