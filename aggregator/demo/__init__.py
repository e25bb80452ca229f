"""The main job with no configuration and no network: sample feeds of an invented world, served on loopback."""
