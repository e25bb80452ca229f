"""Installs, runs, upgrades and moves the program as a new user does, and writes a timed transcript."""
