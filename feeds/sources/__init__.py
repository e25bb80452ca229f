"""The readers of each kind of source: well-formed XML, any XML, JSON Feed."""
