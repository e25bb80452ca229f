"""The configuration: reads `config.toml`, checks it completely, and edits it without losing a comment.

load.find, load.load     find and read the file; a ConfigError lists every problem with its line
schema.Config            the frozen configuration; sections.py defines and describes its tables
secrets                  passwords and tokens from environment variables and files
edit                     adds and removes feeds in the text of the file
"""

import os

# pydantic would look for its plugins in the metadata of every installed package. Set before it is imported.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

from aggregator.config.errors import ConfigError, MissingConfig, Problem, SecretMissing
from aggregator.config.load import find, load, parse
from aggregator.config.schema import Config

__all__ = ["Config", "ConfigError", "MissingConfig", "Problem", "SecretMissing", "find", "load", "parse"]
