"""Logs, metrics and the state of health, with all secrets removed."""
