"""The daemon: scheduled ticks, tasks, the engine that runs them, and reloading of the configuration."""
