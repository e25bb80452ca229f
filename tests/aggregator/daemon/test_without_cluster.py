"""The default installation, without the extra `cluster`: commands and the daemon on SQLite neither need nor load it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
EXTRA = ("procrastinate", "psycopg", "psycopg_pool")
# As if the packages were not installed: importing them then raises ImportError.
MAIN = f"import sys; sys.modules.update(dict.fromkeys({EXTRA})); from aggregator.__main__ import main; main()"


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", MAIN, "--config", str(folder / "config.toml"), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder)


def test_the_daemon_on_sqlite_runs_without_the_extra(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[web]\nenabled = false\n")
    with start(tmp_path, "run") as daemon:
        assert daemon.stderr is not None
        assert any(" running " in line for line in daemon.stderr), "it ended before it ran"
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(60) == 0


def test_a_worker_without_the_extra_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[storage]\nurl = "postgresql://db/x"\n[cluster]\nenabled = true\n')
    with start(tmp_path, "worker") as worker:
        _, errors = worker.communicate(timeout=60)
    assert worker.returncode == 1
    assert "needs the extra `cluster`" in errors
    assert "requirements/extras.lock" in errors


def test_the_daemon_loads_no_module_of_the_cluster_engine() -> None:
    """Neither start-up nor memory of the default pays for the cluster."""
    program = (
        "import sys, aggregator.daemon.run, aggregator.services.program, aggregator.web.server\n"
        f"print([name for name in sys.modules if name.partition('.')[0] in {EXTRA}"
        " or name == 'aggregator.daemon.engine.cluster'])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert found.stdout.strip() == "[]"


def test_the_default_lock_has_no_package_of_the_extra() -> None:
    lines = (ROOT / "requirements" / "default.lock").read_text("utf-8").splitlines()
    names = {line.partition("==")[0].partition("[")[0].replace("-", "_") for line in lines if "==" in line}
    assert "sqlalchemy" in names
    assert not names & {*EXTRA, "psycopg_binary"}
