"""The pass: its code, its QR code, its image, its page."""
