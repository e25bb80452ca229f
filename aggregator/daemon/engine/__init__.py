"""Engines that run tasks by name. The database rows are the queue; an engine only distributes the work."""
