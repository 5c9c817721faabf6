"""Mail to attendees."""
