"""Builds mail messages: MIME structure, headers, encodings, signatures."""
