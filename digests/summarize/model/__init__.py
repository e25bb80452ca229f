"""Summaries written by a language model, and the gate that checks them."""
