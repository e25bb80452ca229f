"""The tables of digests, editions, summaries and the ledger."""
