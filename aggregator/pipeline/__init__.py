"""The stages from a due feed to a delivered edition. Each reads, decides without I/O, and writes once."""
