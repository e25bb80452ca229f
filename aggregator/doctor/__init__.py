"""Checks of an installation. Each check gives findings, and each finding that needs one a hint.

finding         the result of a check      machine      packages, disk, clock, database
configuration   configuration, secrets     libraries    libraries that are imported late
mail            server and login, DNS      dns          DKIM's key, names (PTR)
feeds           the state of the feeds     web          who can reach the pages
"""
