"""Child processes with limits, against real processes."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from feeds.process.limited import MEBIBYTE, LimitedProcess
from feeds.process.pool import ProcessPool

TASK = "tests.feeds.process.handlers:execute"
PID = b"result = str(os.getpid()).encode()"
make = partial(LimitedProcess, TASK, cpu_seconds=1.0, memory_bytes=256 * MEBIBYTE, response_bytes=MEBIBYTE)


@pytest.fixture
def process() -> Iterator[LimitedProcess]:
    made = make()
    yield made
    made.close()


def test_one_process_handles_many_requests_and_starts_with_the_first(process: LimitedProcess) -> None:
    assert process.start_count == 0
    assert process.run(PID) == process.run(PID) != str(os.getpid()).encode()
    assert process.start_count == 1


def test_arguments_reach_the_handler() -> None:
    process = make("other")
    try:
        assert process.run(b"other = b'from the other variable'") == b"from the other variable"
    finally:
        process.close()


def test_a_large_request_and_a_large_response_arrive_whole(process: LimitedProcess) -> None:
    text = os.urandom(400_000).hex()
    assert process.run(f"result = '{text}'.encode()".encode()).decode() == text


FAULTS = {
    "endless loop": (b"while True: pass", TimeoutError, "longer than 1 s"),
    "endless loop in C": (b"sum(range(10**12))", TimeoutError, "longer than 1 s"),
    "memory": (b"x = bytearray(10**10)", ChildProcessError, "out of memory"),
    "many small pieces": (b"x = [bytes(10**5) for _ in range(10**5)]", ChildProcessError, "out of memory"),
    "sudden death": (b"os._exit(3)", ChildProcessError, "status 3"),
    "killed": (b"os.kill(os.getpid(), 9)", ChildProcessError, "status -9"),
    "recursion": (b"f = lambda: f()\nf()", ChildProcessError, "nested too deeply"),
    "an error of its own": (b"1/0", ChildProcessError, "ZeroDivisionError: division by zero"),
    "prints and fails": (b"os.write(1, b'garbage' * 100)\nraise KeyError", ChildProcessError, "KeyError"),
    "large response": (b"result = bytes(2 * 1024 * 1024)", ChildProcessError, "larger than 1048576 bytes"),
    "claims a large response": (
        b"out = sys._getframe(3).f_locals['outgoing']\nout.write(b'+' + b'\\xff' * 4)\nout.flush()",
        ChildProcessError,
        "status",
    ),
}


@pytest.mark.parametrize(("request_", "error", "text"), FAULTS.values(), ids=FAULTS)
def test_a_failure_costs_one_request_only(
    process: LimitedProcess, request_: bytes, error: type[OSError], text: str
) -> None:
    with pytest.raises(error, match=text):
        process.run(request_)
    assert process.run(b"result = b'well'") == b"well"
    assert process.start_count == 2


def test_an_input_that_is_too_large_does_not_reach_the_process() -> None:
    process = make(request_bytes=100)
    with pytest.raises(ChildProcessError, match="the input is larger than 100 bytes"):
        process.run(b"#" * 101)
    assert process.start_count == 0


def test_the_wall_time_is_limited_too(process: LimitedProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_wall_seconds", 0.2)
    with pytest.raises(TimeoutError):
        process.run(b"import time; time.sleep(60)")
    with pytest.raises(TimeoutError):  # a process that does not read its input
        process.run(b"#" * MEBIBYTE + b"\nimport time; time.sleep(60)")


def test_output_on_the_standard_stream_does_not_get_into_the_response(process: LimitedProcess) -> None:
    assert process.run(b"print('noise', flush=True); result = b'clear'") == b"clear"


def test_a_process_that_holds_much_memory_is_replaced(process: LimitedProcess) -> None:
    assert process.run(b"sys.kept = b'x' * (150 * 1024 * 1024); result = b'kept'") == b"kept"
    process.run(PID)
    assert process.start_count == 2


def test_the_process_inherits_no_secret_and_no_open_file(
    process: LimitedProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "hidden")
    with (tmp_path / "open").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        environment = process.run(b"result = repr(dict(os.environ)).encode()")
        links = b"result = repr([os.path.realpath('/proc/self/fd/' + n) for n in os.listdir('/proc/self/fd')]).encode()"
        files = process.run(links)
    assert b"PYTHONPATH" in environment
    assert b"SMTP_PASSWORD" not in environment
    assert str(tmp_path).encode() not in files
    assert process.run(b"result = repr((sys.flags.safe_path, sys.flags.no_user_site)).encode()") == b"(True, 1)"


def test_the_process_cannot_write_files(process: LimitedProcess, tmp_path: Path) -> None:
    with pytest.raises(ChildProcessError, match="File too large"):
        process.run(f"os.write(os.open('{tmp_path}/new', os.O_CREAT | os.O_WRONLY), b'x')".encode())


def test_signals_for_the_whole_group_do_not_end_the_process(process: LimitedProcess) -> None:
    pid = int(process.run(PID))
    os.kill(pid, signal.SIGTERM)
    os.kill(pid, signal.SIGINT)
    assert int(process.run(PID)) == pid


def test_a_process_that_died_while_it_was_idle_is_replaced(process: LimitedProcess) -> None:
    process.run(PID)
    assert process._process is not None
    process._process.kill()
    process._process.wait()
    process.run(PID)
    assert process.start_count == 2


def test_a_process_that_nobody_refers_to_any_more_ends() -> None:
    dropped = make()
    child = int(dropped.run(PID))
    del dropped
    gc.collect()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_closing_ends_the_process_and_its_pipes_in_the_middle_of_a_request() -> None:
    process, errors = make(), []

    def work() -> None:
        try:
            process.run(b"import time; time.sleep(60)")
        except ChildProcessError as error:
            errors.append(error)

    before = len(list(Path("/proc/self/fd").iterdir()))
    process.run(PID)
    started = process._process
    thread = threading.Thread(target=work)
    thread.start()
    process.close()
    thread.join()
    assert started is not None
    assert started.returncode == -signal.SIGKILL
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert len(errors) == 1
    with pytest.raises(ChildProcessError):
        process.run(PID)


@pytest.mark.anyio
async def test_a_pool_uses_no_more_processes_than_it_may_and_than_it_needs() -> None:
    async with ProcessPool(make, 2) as pool:
        assert len({await pool.run(PID) for _ in range(3)}) == 1
        assert len(set(await asyncio.gather(*(pool.run(PID) for _ in range(6))))) <= 2


@pytest.mark.anyio
async def test_a_backlog_starts_further_processes_which_end_with_it(tmp_path: Path) -> None:
    made: list[LimitedProcess] = []

    def noted() -> LimitedProcess:
        made.append(make())
        return made[-1]

    async with ProcessPool(noted, 2, backlog=2) as pool:
        few = await asyncio.gather(*(pool.run(PID) for _ in range(2)))
        assert len(set(few)) == 1
        # Each of the first two requests waits until the other has begun: with one process they would never end.
        meet = "import time\nopen({mine!r}, 'w').close()\nwhile not os.path.exists({other!r}): time.sleep(.01)\n"
        one, other = str(tmp_path / "one"), str(tmp_path / "other")
        together = [meet.format(mine=a, other=b).encode() + PID for a, b in ((one, other), (other, one))]
        many = await asyncio.gather(*(pool.run(request) for request in (*together, *[PID] * 6)))
        assert len(set(many)) == 2
        assert few[0] in many
        left = [process for process in made if process.start_count and not process.closed]
        assert len(left) == 1
        assert await pool.run(PID) == await pool.run(PID)
        assert len([process for process in made if process.start_count]) == 2


@pytest.mark.anyio
async def test_a_backlog_counts_requests_by_their_work() -> None:
    async with ProcessPool(make, 2, backlog=2) as pool:
        assert len(set(await asyncio.gather(*(pool.run(PID, 1 / 8) for _ in range(16))))) == 1


@pytest.mark.anyio
async def test_a_cancelled_request_ends_its_process_and_gives_its_response_to_nobody() -> None:
    async with ProcessPool(make) as pool:
        first = await pool.run(PID)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await pool.run(b"import time; time.sleep(60); result = b'late'")
        second = await pool.run(PID)
        assert second.isdigit()
        assert second != first


@pytest.mark.anyio
async def test_leaving_a_pool_ends_its_processes() -> None:
    async with ProcessPool(make) as pool:
        pid = int(await pool.run(PID))
        waiting = asyncio.create_task(pool.run(b"import time; time.sleep(60)"))
        await asyncio.sleep(0)
    with pytest.raises(ChildProcessError):
        await waiting
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
