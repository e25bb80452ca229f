"""The daemon: ticks, tasks, the engine, reloading."""
