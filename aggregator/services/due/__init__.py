"""Which recipients of a digest are due, and which stories are alerts."""
