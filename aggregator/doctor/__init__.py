"""Checks of an installation. Each check yields findings; a finding about a problem has a hint.

finding         the result of a check      installation all checks in order
configuration   configuration, secrets     libraries    libraries that are imported late
machine         packages, disk, clock, database         cluster  workers and their PostgreSQL
mail            server and login, DNS      dns          DKIM key, host names (PTR)
message         a test message             mailboxes    those of bounces and of newsletters
outputs         where editions go          feeds        health of the feeds
web             access to the pages
"""
