"""What `flask run`, gunicorn and Zappa load."""

from __future__ import annotations

from app import create_app

app = create_app()
