"""Checks of an installation. Each check yields findings; a finding about a problem has a hint.

finding         the result of a check      machine      packages, disk, clock, database
configuration   configuration, secrets     libraries    libraries that are imported late
mail            server and login, DNS      dns          DKIM key, host names (PTR)
feeds           health of the feeds        web          access to the pages
"""
