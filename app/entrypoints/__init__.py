"""Ways in: HTTP, SNS, schedules, command line. Each is three lines and a service call."""
