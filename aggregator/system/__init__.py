"""The clock, this process, and the installed packages."""
