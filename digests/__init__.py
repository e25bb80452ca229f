"""Makes editions of stories and delivers them. Imports neither the feeds package nor a database."""
