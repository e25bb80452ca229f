"""Is everything in order? Each check gives findings, each finding its hint.

finding     what a check says          machine    packages, disk, clock, database
setup       configuration, secrets     intake     the feeds, as the store knows them
mail        server and login, DNS      web        who can reach the pages
vouching    DKIM's key, names (PTR)
"""
