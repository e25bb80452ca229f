"""What delivering costs: queued mails sent to a bare SMTP server on loopback, each marked durably before its final dot.

    python -m tests.benchmarks.deliveries [--mails 1000] [--kilobytes 60] [--folder DIR]

The server runs in a process of its own, reads messages and keeps nothing. The database is a file in DIR, whose disk
decides how long a mark takes; by default it is the folder for temporary files. Prints mails a second by the clock, and
milliseconds of processor time and statements a mail. The bar is 400 mails a second on a quick disk.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from aggregator.pipeline.deliver import deliver_due
from aggregator.store import Database
from aggregator.store.editions import editions
from aggregator.store.outgoing import recipients
from aggregator.store.records import NewDelivery
from aggregator.system.clock import SystemClock
from digests.channels import SmtpSettings, open_channel
from digests.channels.recipient import Recipient
from digests.model import Edition
from digests.outbox import Policy
from tests.support.outbox import message, message_id
from tests.support.statements import counting


class BareServer(asyncio.Protocol):
    """The least that accepts a message: it knows commands in one go (RFC 2920) and drops what it gets."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.buffer, self.in_data = transport, b"", False
        transport.write(b"220 bare ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Reply to all commands and messages that are complete."""
        self.buffer += data
        while True:
            end, length = (b"\r\n.\r\n", 5) if self.in_data else (b"\r\n", 2)
            at = self.buffer.find(end)
            if at < 0:
                return
            line, self.buffer = self.buffer[:at], self.buffer[at + length :]
            self.transport.write(self._reply(line))

    def _reply(self, line: bytes) -> bytes:
        if self.in_data:
            self.in_data = False
            return b"250 2.0.0 taken\r\n"
        word = line[:4].upper()
        self.in_data = word == b"DATA"
        if word == b"EHLO":
            return b"250-bare\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"
        return {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(word, b"250 ok\r\n")


async def serve() -> None:
    """Serve until the process ends; print the port."""
    server = await asyncio.get_running_loop().create_server(BareServer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def fill(db: Database, mails: int, size: int) -> None:
    """Queue one edition for so many recipients, a mail of so many bytes each."""
    now = SystemClock().now()
    addresses = [f"reader{n}@example.com" for n in range(mails)]
    readers = recipients.ensure(db, [Recipient.from_key(f"mail:{address}") for address in addresses], now)
    filler = (b"x" * 70 + b"\r\n") * (size // 72)
    queued = [
        NewDelivery(reader.id, message_id(n), message(n, reader.address) + filler, "news@news.example")
        for n, reader in enumerate(readers)
    ]
    editions.save_edition(db, Edition("e1", "daily", "Daily", now, now, now, now), "{}", "News", queued, now=now)


def run(port: int, mails: int, size: int, folder: Path) -> None:
    """Deliver and print the figures."""
    db = Database.open(f"sqlite:///{folder / 'deliveries.db'}")
    db.migrate()
    fill(db, mails, size)
    settings = SmtpSettings("127.0.0.1", port, "none", max_messages=mails)
    wall, processor = time.perf_counter(), time.process_time()
    with counting(db) as statements:
        report = deliver_due(
            db, lambda _: open_channel("smtp", settings), SystemClock(), Policy(), "benchmark", limit=None
        )
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    db.close()
    assert report.sent == mails, report
    print(
        f"{mails} mails of {size // 1000} kB: {mails / wall:.0f} a second, {1000 * processor / mails:.2f} ms of"
        f" processor time and {len(statements) / mails:.1f} statements a mail"
    )


def main() -> None:
    """Start the server and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--kilobytes", type=int, default=60)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve())
        return
    command = [sys.executable, "-m", "tests.benchmarks.deliveries", "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server, tempfile.TemporaryDirectory() as folder:
        assert server.stdout is not None
        try:
            run(int(server.stdout.readline()), options.mails, 1000 * options.kilobytes, options.folder or Path(folder))
        finally:
            server.kill()


if __name__ == "__main__":
    main()
