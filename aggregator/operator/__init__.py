"""Letters and alerts to the person who runs the program."""
