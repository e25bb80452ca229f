"""The errors of the store.

    StoreError
    ├── Unreachable       unreachable   the file cannot be opened, or the server does not respond
    ├── Locked            locked        another process locks the database for too long
    ├── DiskFull          disk-full     no space left on the disk
    ├── ReadOnly          read-only     missing permissions, or a disk mounted for reading only
    ├── DiskFailed        disk          an I/O error
    ├── Corrupt           corrupt       the file is damaged, or is no database
    ├── SchemaTooNew      schema-new    a newer version of this program wrote the database
    ├── SchemaMissing     schema-old    the database has no tables, or those of an older version
    ├── Refused           refused       a constraint of the tables would be violated
    │   ├── AlreadyComposed   composed  this slot of the digest already has an edition
    │   └── AlreadyReported   told      this story was already reported to a recipient as new
    ├── RecipientStopped  unwelcome     nothing may be sent to this recipient
    ├── LeaseLost         lease         another process took over the lease
    ├── InstanceHeld      instance      another daemon serves this database
    ├── NoSession         session       connections of workers do not last, or reach another database
    ├── NotFound          not-found     nothing is stored under this key
    ├── BackupRefused     backup        this database cannot be backed up or restored this way
    └── NotABackup        no-backup     this file is no backup of this program's database

The docstring of a class is its default message. `code` is stable. `hint` says what a person can do; whoever raises the
error may give a better one.
"""

from __future__ import annotations


class StoreError(Exception):
    """the database failed"""

    code = "store"
    hint = "look at the log; the program does not know this error of the database"

    def __init__(self, message: str | None = None, hint: str | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.hint = hint or type(self).hint
        super().__init__(self.message)


class Unreachable(StoreError, ConnectionError):
    """the database cannot be opened"""

    code = "unreachable"
    hint = "check [storage] url: the folder must exist and be writable, or the server must run and accept the login"


class Locked(StoreError, TimeoutError):
    """another program has locked the database"""

    code = "locked"
    hint = "wait; if the error stays, look for a second program that has the file open"


class DiskFull(StoreError, OSError):
    """there is no space left on the disk"""

    code = "disk-full"
    hint = "free space on the disk of [storage] url; no transaction was written in part"


class ReadOnly(StoreError, OSError):
    """the database cannot be written to"""

    code = "read-only"
    hint = "check the permissions of the file and its folder, and whether its disk is mounted for reading only"


class DiskFailed(StoreError, OSError):
    """the disk failed to read or write"""

    code = "disk"
    hint = "check the quota and the health of the disk"


class Corrupt(StoreError, ValueError):
    """the database file is damaged"""

    code = "corrupt"
    hint = "restore the last backup; `sqlite3 FILE .recover` recovers what is left in the damaged file"


class SchemaTooNew(StoreError, RuntimeError):
    """the database was written by a newer version of this program"""

    code = "schema-new"
    hint = "update this program, or restore a backup that this version made"


class SchemaMissing(StoreError, RuntimeError):
    """the database has not been migrated to this version"""

    code = "schema-old"
    hint = "run any command that writes, such as `aggregator fetch`: it migrates the tables"


class Refused(StoreError, ValueError):
    """a constraint of the tables would be violated"""

    code = "refused"
    hint = "report this as a bug: the program violated a constraint of its own tables"


class AlreadyComposed(Refused):
    """this slot of the digest already has an edition"""

    code = "composed"
    hint = "nothing to do: each slot gets one edition"


class AlreadyReported(Refused):
    """this story was already reported to a recipient as new"""

    code = "told"
    hint = "compose the edition again from the current ledger"


class RecipientStopped(StoreError, PermissionError):
    """nothing may be sent to this recipient"""

    code = "unwelcome"
    hint = "`aggregator recipients list` shows who gets nothing, and why"


class LeaseLost(StoreError, RuntimeError):
    """another process took over the lease"""

    code = "lease"
    hint = "nothing to do: the other process finishes the work"


class InstanceHeld(StoreError, RuntimeError):
    """another daemon already serves this database"""

    code = "instance"
    hint = "stop the other daemon, or wait until its lease runs out if it crashed"


class NoSession(StoreError, ConnectionError):
    """[storage] url is a connection pooler in transaction mode"""

    code = "session"
    hint = "set [cluster] direct_url to the server itself, or use the pooler in session mode"


class NotFound(StoreError, LookupError):
    """nothing is stored under this key"""

    code = "not-found"
    hint = "list what is stored and copy the id from the list"


class BackupRefused(StoreError, ValueError):
    """this database cannot be backed up or restored this way"""

    code = "backup"
    hint = "name another file; docs/running.md describes backups"


class NotABackup(StoreError, ValueError):
    """this file is no backup of this program's database"""

    code = "no-backup"
    hint = "name a file that `aggregator backup` wrote"
