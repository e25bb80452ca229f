"""The tables of feeds, polls, WebSub subscriptions and entries."""
