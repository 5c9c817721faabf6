"""Mail on its way out: through SES or an SMTP server, at the pace that it takes."""
