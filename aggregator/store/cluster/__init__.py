"""What several machines share in one PostgreSQL database."""
