"""How the tables of `config.toml` are declared, validated and remembered, so that a valid file is read quickly."""
