"""The command line: one file a group of commands, each importing what it needs only when it runs.

boundary.run      the process's way in and out: errors become words and an exit status here and nowhere else
base              the root command, loaded lazily, and what every command shares (--config, -v, -q, examples)
output            tables, JSON lines, progress
"""
