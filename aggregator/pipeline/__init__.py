"""Read, decide purely, write once: the stages from a due feed to a delivered edition."""
