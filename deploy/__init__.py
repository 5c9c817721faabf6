"""What runs on the deploying machine: making the package, and all that goes around Zappa."""
