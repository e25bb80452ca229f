"""What the command line and the pages share to manage feeds, interests, rules and recipients."""
