"""Every way the store can fail, drawn once.

    StoreError
    ├── Unreachable       unreachable   the file cannot be opened, or the server does not answer
    ├── Locked            locked        another program holds the database too long
    ├── DiskFull          disk-full     no room to write
    ├── DiskFailed        disk          the disk or the rights on the file refuse
    ├── Corrupt           corrupt       the file is damaged, or no database
    ├── SchemaTooNew      schema-new    a newer version of this program wrote it
    ├── SchemaMissing     schema-old    it was never set up, or is of an older version
    ├── Refused           refused       a rule of the tables would be broken
    │   ├── AlreadyComposed   composed  this slot of the digest has its edition
    │   └── ToldAlready       told      a recipient was told this story as new before
    ├── Unwelcome         unwelcome     nothing may be sent to this reader
    ├── LeaseLost         lease         another owner took the row meanwhile
    ├── InstanceHeld      instance      another daemon serves this database
    ├── NotFound          not-found     nothing is stored under this key
    └── BackupRefused     backup        this database is not copied this way

The class docstring is the default message, `code` is stable, `hint` says what a person can do, unless the one
who raises it knows better.
"""

from __future__ import annotations


class StoreError(Exception):
    """the database failed"""

    code = "store"
    hint = "look at the log; the database refused in a way that is not known here"

    def __init__(self, message: str | None = None, hint: str | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.hint = hint or type(self).hint
        super().__init__(self.message)


class Unreachable(StoreError, ConnectionError):
    """the database cannot be opened"""

    code = "unreachable"
    hint = (
        "check [storage] url: that the folder exists and may be written, or that the server runs and the login is right"
    )


class Locked(StoreError, TimeoutError):
    """another program holds the database"""

    code = "locked"
    hint = "passes by itself; if it stays, look for a second program that has the file open"


class DiskFull(StoreError, OSError):
    """there is no room left to write"""

    code = "disk-full"
    hint = "make room on the disk of [storage] url; nothing was half written"


class DiskFailed(StoreError, OSError):
    """the disk refused to read or write"""

    code = "disk"
    hint = "check the rights on the file and its folder, the quota and the health of the disk"


class Corrupt(StoreError, ValueError):
    """the database file is damaged"""

    code = "corrupt"
    hint = "restore the last backup; `sqlite3 FILE .recover` saves what can be saved of the damaged one"


class SchemaTooNew(StoreError, RuntimeError):
    """the database was written by a newer version of this program"""

    code = "schema-new"
    hint = "update this program, or restore a backup that this version made"


class SchemaMissing(StoreError, RuntimeError):
    """the database has not been set up for this version"""

    code = "schema-old"
    hint = "start any command that writes, such as `aggregator fetch`: it brings the tables up to date"


class Refused(StoreError, ValueError):
    """a rule of the tables would be broken"""

    code = "refused"
    hint = "report this: the program asked for something that its own rules forbid"


class AlreadyComposed(Refused):
    """this slot of the digest already has its edition"""

    code = "composed"
    hint = "nothing to do: every slot is served once"


class ToldAlready(Refused):
    """a recipient was told this story as new before"""

    code = "told"
    hint = "compose the edition again from the present ledger"


class Unwelcome(StoreError, PermissionError):
    """nothing may be sent to this reader"""

    code = "unwelcome"
    hint = "`aggregator recipients list` shows who gets nothing, and why"


class LeaseLost(StoreError, RuntimeError):
    """another owner took over meanwhile"""

    code = "lease"
    hint = "nothing to do: the other owner finishes the work"


class InstanceHeld(StoreError, RuntimeError):
    """another daemon already serves this database"""

    code = "instance"
    hint = "stop the other one, or wait until its claim has run out if it crashed"


class NotFound(StoreError, LookupError):
    """nothing is stored under this key"""

    code = "not-found"
    hint = "list what there is and copy the id from there"


class BackupRefused(StoreError, ValueError):
    """this database is not copied this way"""

    code = "backup"
    hint = "for PostgreSQL use `pg_dump`"
