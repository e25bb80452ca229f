"""Write the generated blocks of docs/ again: `python -m tests.docs.write`."""

from __future__ import annotations

from tests.docs import man
from tests.docs.outputs import SCHEMA, schema
from tests.docs.reference import DOCS, written


def main() -> None:
    """Rewrite the schema of outputs, the manual pages, and every document with generated blocks."""
    SCHEMA.write_text(schema(), encoding="utf-8")
    man.write(DOCS / "man")
    for path in sorted(DOCS.glob("*.md")):
        before = path.read_text(encoding="utf-8")
        after = written(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"wrote {path}")


if __name__ == "__main__":
    main()
