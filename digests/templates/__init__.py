"""The packaged templates (`standard/`) and message catalogues (`locale/`)."""
