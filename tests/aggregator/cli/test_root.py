"""The command as a whole: its help is cheap, its errors are words with a hint and an exit status."""

import os
import subprocess
import sys

import click
import pytest

from aggregator.cli import errors as boundary
from aggregator.cli.base import COMMANDS, CommonOptions, Failure, root

HEAVY = (
    "sqlalchemy",
    "alembic",
    "httpx",
    "pydantic",
    "numpy",
    "lxml",
    "jinja2",
    "feedparser",
    "asyncio",
    "babel",
    "lark",
)


def ran(code: str, *args: str) -> subprocess.CompletedProcess[str]:
    """What a Python of its own did with this code."""
    return subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, timeout=60, check=True)


def loaded(*args: str) -> set[str]:
    """The modules that a command line imports, each with the packages that it is in."""
    code = (
        "import sys; from aggregator.cli.errors import run_command_line; status = run_command_line(sys.argv[1:]); "
        "print(*sorted(sys.modules), file=sys.stderr); sys.exit(status)"
    )
    return set(ran(code, *args).stderr.split())


def test_help_imports_nothing_heavy():
    assert loaded("--help").isdisjoint(HEAVY)
    assert loaded("stories", "--help").isdisjoint(HEAVY)


def test_fetching_imports_no_editions_while_no_mail_is_open(tmp_path):
    config = tmp_path / "config.toml"
    mail = '[mail]\nsender = "me@example.org"\nhost = "mail.example.org"\n'
    config.write_text(f'{mail}[[digest]]\nname = "daily"\nto = ["folder:out", "me@example.org"]\n')
    first = loaded("--config", str(config), "fetch", "--due")
    assert "pydantic" in first  # the file is validated once
    modules = loaded("--config", str(config), "fetch", "--due")
    assert modules.isdisjoint({"pydantic", "pydantic_core", "annotated_types", "tomllib"})
    assert modules.isdisjoint({"email_validator", "digests.render", "jinja2"})  # the addresses were checked then
    assert "aggregator.store.outgoing.waiting" in modules  # it was looked
    assert modules.isdisjoint({"digests.model", "aggregator.services.program"})
    assert modules.isdisjoint({"aggregator.store.records.outgoing", "aggregator.store.records.stories"})
    assert modules.isdisjoint({"digests.channels.settings", "aggregator.config.types", "aggregator.config.layout"})
    assert modules.isdisjoint({"difflib", "lxml", "nh3", "numpy"})  # nor a parser, nor suggestions for a wrong word
    assert modules.isdisjoint({"alembic", "sqlalchemy.orm", "sqlalchemy.dialects.postgresql"})
    assert modules.isdisjoint({"httpx", "httpcore", "feeds.parse.pool", "aggregator.pipeline.fetch"})  # nothing is due
    assert len(modules) < 460  # 434 when written; each takes 0.1 ms to load


def test_polling_imports_nothing_that_only_new_entries_need():
    polling = "import sys, aggregator.services.intake.fetching, aggregator.services.intake.ports; "
    modules = set(ran(polling + "print(*sys.modules)").stdout.split())
    assert "httpx" in modules
    assert modules.isdisjoint({"aggregator.stories.model", "aggregator.pipeline.descriptions", "feeds.text.volatile"})
    assert modules.isdisjoint({"aggregator.store.records.stories", "aggregator.store.stories.search"})
    # Nor what only a sitemap index or a search for feeds needs, nor a parser, nor what validates a configuration.
    assert modules.isdisjoint({"feeds.sources.raw", "feeds.parse.dates", "feeds.discovery.subscribing"})
    assert modules.isdisjoint({"lxml", "nh3", "numpy", "pydantic", "aggregator.pipeline.push", "feeds.websub"})
    assert modules.isdisjoint({"alembic", "sqlalchemy.orm", "sqlalchemy.dialects.postgresql"})
    # httpx imports its own command line with rich and pygments, where those are installed.
    others = ("rich", "pygments", "markdown_it", "mdurl")
    assert sum(not name.startswith(others) for name in modules) < 560  # 530 when written


def test_the_check_of_descriptions_compiles_no_patterns_of_boilerplate():
    code = (
        "import sys, aggregator.pipeline.descriptions; from feeds.text import text_of; "
        "print(*{'feeds.text.boilerplate', 'feeds.text.counters'} & set(sys.modules))"
    )
    assert ran(code).stdout.strip() == ""


def test_the_configuration_looks_for_no_plugins_of_pydantic():
    code = (
        "import importlib.metadata, sys; found = []; real = importlib.metadata.distributions\n"
        "importlib.metadata.distributions = lambda **names: found.append(1) or real(**names)\n"
        "import aggregator.config; print(len(found))"
    )
    assert ran(code).stdout.strip() == "0"


def test_a_short_command_looks_for_no_garbage_and_a_long_one_as_usual():
    code = (
        "import contextlib, gc, sys; from aggregator.__main__ import main; sys.argv[1:] = ['--help']\n"
        "with contextlib.redirect_stdout(sys.stderr), contextlib.suppress(SystemExit): main()\n"
        "print(gc.get_stats()[0]['collections']); gc.collect(); print(*gc.get_threshold(), len(gc.callbacks))"
    )
    before, after = ran(code).stdout.splitlines()
    assert int(before) < 20  # of the start of Python itself
    assert after == "20000 20 20 0"


def test_a_command_ends_without_looking_for_garbage():
    code = (
        "import gc, sys; from aggregator.__main__ import main; sys.argv[1:] = ['--help']\n"
        "try: main()\n"
        "finally: print(sum(map(len, map(gc.get_objects, range(3)))), gc.get_freeze_count(), file=sys.stderr)"
    )
    searched, set_aside = map(int, ran(code).stderr.split())
    assert searched < 1_000 < set_aside


def test_help_costs_little():
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            (
                "import os,sys; from aggregator.cli.errors import run_command_line; "
                "run_command_line(['--help']); print(sum(os.times()[:2]), file=sys.stderr)"
            ),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert float(done.stderr) < 1.0  # 0.17 s measured; the bar is 0.3 on a quiet machine


def test_every_command_is_in_the_help_with_a_whole_sentence(shell):
    done = shell("--help")
    assert done.status == 0
    for name in COMMANDS:
        assert f"\n  {name} " in done.out
    assert "..." not in done.out.partition("Commands:")[2]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples_and_the_common_options(shell, name):
    done = shell(name, "--help")
    assert done.status == 0
    assert "Examples:\n  aggregator " in done.out
    assert "--config FILE" in done.out


@pytest.mark.parametrize("name", ["feeds", "fetch", "stories", "show", "editions", "doctor"])
def test_listing_commands_take_json(name):
    command = root.get_command(click.Context(root), name)
    assert command is not None
    assert any("--json" in param.opts for param in command.params)


@pytest.mark.parametrize("arguments", [(), ("deliveries",)], ids=["root", "group"])
def test_nothing_to_do_shows_the_help_as_it_is(shell, arguments):
    done = shell(*arguments)
    assert done.status == 2
    assert done.err.startswith("Usage: aggregator")
    assert "aggregator: " not in done.err


def test_one_error_among_tasks_side_by_side_is_reported_as_itself():
    broken = BrokenPipeError(32, "Broken pipe")
    assert boundary.first_error(ExceptionGroup("tasks", [ExceptionGroup("inner", [broken])])) is broken


def test_a_misspelt_command_gets_a_suggestion(shell):
    done = shell("fech")
    assert done.status == 2
    assert "did you mean 'fetch'?" in done.err
    assert "aggregator --help" in done.err


def test_without_a_configuration_it_says_how_to_make_one(shell):
    done = shell("feeds")
    assert done.status == 2
    assert "there is no configuration here" in done.err
    assert "aggregator init" in done.err


def test_a_wrong_configuration_is_reported_whole_and_nothing_is_started(shell):
    shell.write("[fetch]\ntimeout = 20\nconcurency = 1\n")
    done = shell("fetch")
    assert done.status == 2
    assert "2 problems" in done.err
    assert "config.toml:2: fetch.timeout" in done.err
    assert "config.toml:3: fetch.concurency: unknown key; did you mean concurrency?" in done.err
    assert not (shell.folder / "data").exists()


def test_config_may_stand_before_or_behind_the_command_or_in_the_environment(shell, monkeypatch):
    other = shell.folder / "other"
    shell("init", str(other))
    path = str(other / "config.toml")
    assert shell("--config", path, "feeds", "--json").status == 0
    assert shell("feeds", "--json", "--config", path).status == 0
    monkeypatch.setenv("AGGREGATOR_CONFIG", path)
    assert len(shell("feeds", "--json").rows) >= 12


def failing(error: BaseException):
    def invoke(*_args, **_kwargs):
        raise error

    return invoke


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (Failure("no", "do this", 3), 3, "aggregator: no\n  hint: do this\n"),
        (KeyboardInterrupt(), 130, "aggregator: stopped\n"),
        (click.Abort(), 130, "aggregator: stopped\n"),
        (
            PermissionError(13, "Permission denied", "/x"),
            1,
            (
                "aggregator: /x: Permission denied\n"
                "  hint: name a place that you may read and write, or run it as another user\n"
            ),
        ),
        (
            RuntimeError("odd"),
            1,
            "aggregator: unexpected RuntimeError: odd\n  hint: run it again with -vv and report the output\n",
        ),
    ],
)
def test_errors_become_words_and_a_status(monkeypatch, capsys, error, status, words):
    monkeypatch.setattr(root, "main", failing(error))
    assert boundary.run_command_line([]) == status
    assert capsys.readouterr().err == words


def test_errors_of_the_three_trees_keep_their_code_and_hint():
    from aggregator.store.errors import DiskFull
    from digests.errors import LoginRefused
    from feeds.errors import DnsFailed

    for error in (DnsFailed(url="https://a.example/"), LoginRefused(), DiskFull()):
        message, hint, status = boundary.error_message(error)
        assert f"[{error.code}]" in message
        assert hint == error.hint
        assert status == 1


def test_a_traceback_shows_only_with_vv_and_without_secrets(capsys):
    from aggregator.observe.redact import redact

    redact.add(["hunter2-in-test"])
    error = RuntimeError("login hunter2-in-test")
    boundary.report_error(error, CommonOptions())
    assert "Traceback" not in (quiet := capsys.readouterr().err)
    boundary.report_error(error, CommonOptions(verbose=2))
    assert "RuntimeError: login ***" in (loud := capsys.readouterr().err)
    assert "hunter2" not in quiet + loud


def test_a_message_cannot_move_the_cursor(capsys):
    boundary.print_error("a\x1b[2Jb\rc")
    assert capsys.readouterr().err == "aggregator: a\\x1b[2Jb\\rc\n"


def test_a_reader_that_leaves_early_is_no_error():
    code = "from aggregator.cli.errors import run_command_line; import sys; sys.exit(run_command_line(['--help']))"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
