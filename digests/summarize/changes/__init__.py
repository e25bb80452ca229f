"""What changed in a story since it was sent: updates, corrections, and counts that differ or grow."""
