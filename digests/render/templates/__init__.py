"""Renders templates; a user's own templates in a child process with limits."""
