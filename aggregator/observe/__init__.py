"""What the program says of itself: logs for people and machines, with every secret cut out."""
