"""Child processes with limits on processor time, memory, input and output, for work on hostile data."""
