"""The operations that commands, pages and the daemon share."""
