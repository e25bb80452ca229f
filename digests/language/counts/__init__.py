"""Counted things, such as the dead or the injured, and what articles say of their number."""
