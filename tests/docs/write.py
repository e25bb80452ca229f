"""Write the generated blocks of docs/ again: `python -m tests.docs.write`."""

from __future__ import annotations

from tests.docs import man
from tests.docs.outputs import EDITION_SCHEMA, SCHEMA, edition_schema, schema
from tests.docs.reference import DOCS, written


def main() -> None:
    """Rewrite the schemas of outputs and editions, the manual pages, and every document with generated blocks."""
    SCHEMA.write_text(schema(), encoding="utf-8")
    EDITION_SCHEMA.write_text(edition_schema(), encoding="utf-8")
    man.write(DOCS / "man")
    for path in sorted(DOCS.glob("*.md")):
        before = path.read_text(encoding="utf-8")
        after = written(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"wrote {path}")


if __name__ == "__main__":
    main()
