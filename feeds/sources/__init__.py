"""The readers of each format: well-formed XML, any XML, JSON Feed."""
