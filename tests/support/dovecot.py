"""A real Dovecot on loopback: one user, one Maildir."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = shutil.which("dovecot") or ("/usr/sbin/dovecot" if Path("/usr/sbin/dovecot").exists() else "")


_COMMON = """
base_dir = {base}
log_path = {base}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
default_internal_user = {user}
default_login_user = {login}
default_internal_group = {group}
first_valid_uid = 0
first_valid_gid = 0
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
}}
service anvil {{
  chroot =
}}
"""
_OLD = (
    _COMMON
    + """
disable_plaintext_auth = no
mail_location = maildir:{box}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner} home={box}
}}
"""
)
# Dovecot 2.4 (Debian 13) names these settings in another way, and must be told so first.
_NEW = (
    "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n"
    + _COMMON
    + """
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = {box}
passdb static {{
  password = secret
}}
userdb static {{
  fields {{
    uid = {owner}
    gid = {owner}
    home = {box}
  }}
}}
"""
)


def _version() -> tuple[int, ...]:
    first = subprocess.check_output([PROGRAM, "--version"], text=True).split()[0]
    return tuple(int(part) for part in first.split(".")[:2])


@contextmanager
def dovecot() -> Iterator[tuple[int, Path]]:
    """Run the server; yield its port and the Maildir. Any user may log in with the password `secret`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    # Its login processes run without privileges and must reach their sockets: no folder that only its owner may enter.
    base = Path(tempfile.mkdtemp(prefix="dovecot-"))
    base.chmod(0o755)
    user = getpass.getuser()
    login = "nobody" if user == "root" else user
    # Dovecot refuses mailboxes of root.
    owner = "mail" if user == "root" else user
    box = base / "mail"
    for part in ("", "new", "cur", "tmp"):
        (box / part).mkdir()
        shutil.chown(box / part, owner)
    config = base / "settings.conf"
    group = subprocess.check_output(["id", "-gn"], text=True).strip()
    settings = _OLD if _version() < (2, 4) else _NEW
    config.write_text(settings.format(base=base, box=box, user=user, login=login, group=group, owner=owner, port=port))
    server = subprocess.Popen([PROGRAM, "-F", "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until_open(port)
        yield port, box
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(base)


def _until_open(port: int) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
