"""The command line. A command imports what it needs only when it runs, so that `--help` is fast.

errors     runs a command line; the only place where errors become messages and exit statuses
base       the root command, loaded lazily, and the options that all commands share
output     printing of tables and JSON lines; types of option values
progress   the progress line of long commands
"""
