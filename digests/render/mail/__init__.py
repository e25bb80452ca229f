"""Mail messages: MIME structure, headers, encodings, signatures."""
