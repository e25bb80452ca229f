"""Which stories matter, what form an article has, and in what order an edition shows its stories."""
