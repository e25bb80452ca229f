"""A small IMAP server on loopback: one folder of messages with flags, for log in, search, fetch and store."""

from __future__ import annotations

import re
import socketserver

from tests.support.serving import Serving


class ImapServer(Serving):
    """The server; a context manager. `messages` by uid; `seen` the uids flagged so; `login` what it insists on."""

    def __init__(self, *messages: bytes, login: str = '"reports" "secret"', refuse: str = "") -> None:
        self.messages = dict(enumerate(messages, 1))
        self.seen: set[int] = set()
        self.login, self.refuse = login, refuse
        outer = self

        class Talk(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"* OK ready\r\n")
                while line := self.rfile.readline().decode().strip():
                    tag, _, command = line.partition(" ")
                    self.wfile.write(outer.answer(command) + f"{tag} {outer.verdict(command)}\r\n".encode())
                    if command.startswith("LOGOUT"):
                        return

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)
        server.daemon_threads = True
        super().__init__(server)

    def verdict(self, command: str) -> str:
        """OK, or NO to what is refused."""
        wrong = command.startswith("LOGIN") and command != f"LOGIN {self.login.replace(chr(34), '', 2)}"
        return "NO not so" if wrong or (self.refuse and self.refuse in command) else "OK done"

    def answer(self, command: str) -> bytes:
        """The untagged lines of an answer."""
        if command.startswith("CAPABILITY"):
            return b"* CAPABILITY IMAP4rev1\r\n"
        if command.startswith("SELECT"):
            return f"* {len(self.messages)} EXISTS\r\n".encode()
        if "SEARCH" in command:
            return f"* SEARCH {' '.join(str(uid) for uid in self.messages if uid not in self.seen)}\r\n".encode()
        found = re.match(r"UID (FETCH|STORE) (\d+) (.*)", command)
        if not found or self.verdict(command) != "OK done":
            return b""
        uid, message = int(found[2]), self.messages[int(found[2])]
        if found[1] == "STORE":
            self.seen.add(uid)
            return b""
        if "SIZE" in found[3]:
            return f"* {uid} FETCH (UID {uid} RFC822.SIZE {len(message)})\r\n".encode()
        return f"* {uid} FETCH (UID {uid} BODY[] {{{len(message)}}}\r\n".encode() + message + b")\r\n"
