"""Groups entries into articles and articles into stories. Pure: no I/O, no clock, no database."""
