"""Reading feeds and newsletters into the store."""
