"""The scripts by which bash, zsh and fish complete a command line, where click's own insert or show it wrongly."""

from __future__ import annotations

import os
import re

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

# Click gives the words as bash splits them, which is also at colons, and inserts names unquoted. This script gives the
# line, and takes names that are quoted as the line needs it.
_BASH = """
%(complete_func)s() {
    local type value
    COMPREPLY=()
    while IFS=',' read -r type value; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done < <(%(complete_var)s=bash_complete COMP_TEXT="${COMP_LINE:0:COMP_POINT}" \\
        COMP_WORD="${COMP_WORDS[COMP_CWORD]}" "$1" 2>/dev/null)
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""
_UNSAFE = re.compile(r"([^\w@%+=:,./-])")
_LAST_WORD = re.compile(r"(?:\\.|[^\s\\])*$", re.DOTALL)


class Bash(BashComplete):
    """Completes the last word of the line, and quotes what it inserts.

    A script that an earlier version printed, which is click's, gives no COMP_TEXT.
    """

    source_template = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the last one, and the last one, without quotes."""
        if "COMP_TEXT" not in os.environ:
            return super().get_completion_args()
        _command, *words = split_arg_string(os.environ["COMP_TEXT"] + "x")  # so that there is a last word
        return words[:-1], words[-1][:-1]

    def format_completion(self, item: CompletionItem) -> str:
        """Quote a value as the line needs it, without what is before the last word of bash."""
        if item.type != "plain":
            return f"{item.type},{item.value}"
        quoted = _UNSAFE.sub(r"\\\1", item.value)
        if "COMP_TEXT" not in os.environ:
            doubled = quoted.replace("\\", "\\\\")  # that script reads one of them as a mark
            return f"{item.type},{doubled}"
        word, text = os.environ["COMP_WORD"], os.environ["COMP_TEXT"]
        if quote := _open_quote(text):
            return f"{item.type},{_within(quote, item.value)}"
        last = _LAST_WORD.search(text)
        typed = last[0] if last else ""
        word = "" if word in (":", "=") else word  # a word of its own, behind which bash inserts
        kept = len(typed) - len(word) if typed.endswith(word) else 0
        if quoted[:kept].casefold() != typed[:kept].casefold():  # quoted in another way: no mark may lose its backslash
            kept = 0
        return f"{item.type},{quoted[kept:]}"


def _open_quote(line: str) -> str:
    """Return the quotation mark that a line leaves open; empty without one."""
    opened = ""
    characters = iter(line)
    for character in characters:
        if character == "\\" and opened != "'":
            next(characters, "")
        elif character == opened:
            opened = ""
        elif not opened and character in "'\"":
            opened = character
    return opened


def _within(quote: str, name: str) -> str:
    """Return a name as it is written behind an open quotation mark, so that bash runs nothing that is in it."""
    if quote == "'":
        written = name.replace("'", "'\\''")
    else:
        written = re.sub(r'(["$`\\])', r"\\\1", name)
        written = written.replace("!", "\"'!'\"")  # within these marks bash looks for `!` even behind a backslash
    return written + quote if written.endswith(quote) else written  # bash adds the last one, unless there is one


class Fish(FishComplete):
    """Shows whole descriptions: click's script ends them, and names, at the first comma."""

    source_template = FishComplete.source_template.replace('string split ","', 'string split --max 1 ","')


SHELLS: dict[str, type[ShellComplete]] = {"bash": Bash, "zsh": ZshComplete, "fish": Fish}


def use() -> None:
    """Answer the scripts of `SHELLS`."""
    for made in SHELLS.values():
        add_completion_class(made)
