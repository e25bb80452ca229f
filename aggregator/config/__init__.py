"""The configuration: `config.toml` read, checked whole, and edited without losing a comment.

load.find / load.load    a path in, a Config out, or a ConfigError that lists every problem with its line
schema.Config            the whole, frozen; sections.py has its tables with every key described
secrets                  passwords and tokens, from environment variables and files
edit                     add and remove feeds as text, so that the user's file stays the user's
"""

from aggregator.config.errors import ConfigError, MissingConfig, Problem, SecretMissing
from aggregator.config.load import find, load, parse
from aggregator.config.schema import Config

__all__ = ["Config", "ConfigError", "MissingConfig", "Problem", "SecretMissing", "find", "load", "parse"]
