"""The queues of a cluster, the queue of each task, and their priorities."""

from __future__ import annotations

from aggregator.store.cluster.jobs import QUEUES

PRIORITIES = {"compose": 50, "group": 40, "deliver": 30, "bounces": 20, "poll": 10, "maintain": 0}
"""A worker takes the job of the queue with the highest number first: an edition is due at a time, a poll soon again."""

_OTHER = {"push": "poll", "returns": "bounces", "newsletters": "bounces", "saved": "bounces"}


def queue_of(task: str) -> str:
    """Return the queue of a task."""
    queue = _OTHER.get(task, task)
    return queue if queue in QUEUES else "maintain"
