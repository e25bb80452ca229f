"""Template rendering in a child process with limits."""
