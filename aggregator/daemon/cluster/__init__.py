"""Workers of a cluster: the processes on several machines that share one PostgreSQL database."""
