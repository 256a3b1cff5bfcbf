# SPDX-License-Identifier: MIT
"""The command line `dtlslab`. Commands are imported when they are run, so that `--help` answers at once."""

from __future__ import annotations

import sys
from typing import Any

import click

from dtlslab.cli.options import CommonOptions, common_options
from dtlslab.errors import DtlslabError
from dtlslab.version import __version__

__all__ = ["CommonOptions", "common_options", "main", "run_cli"]

# Done by the front door of a checkout, before Python is there; listed here so that help is whole.
_FRONT_DOOR = {
    "setup": "Install what is missing: Debian packages, Python packages, the build.",
    "test": "Run the project's own tests.",
    "docs": "Build the documentation: a site and man pages.",
}

_NEED_NO_BUILD = frozenset({"setup", "test", "docs", "report", "diff"})

_OWN = {
    "run": ("dtlslab.cli.run:run", "Run the default campaign against all installed stacks."),
    "peers": ("dtlslab.cli.peers:peers", "List the stacks: version, capabilities, how each is installed."),
    "sim": ("dtlslab.cli.sim:sim", "Run a scenario file."),
    "report": ("dtlslab.cli.report:report", "Draw the pages of an out folder, or export its traces."),
    "diff": ("dtlslab.cli.diff:diff", "Say what changed between two out folders."),
    "bench": ("dtlslab.cli.bench:bench", "Measure, and print figures as ratios."),
    "bogo": ("dtlslab.cli.bogo:bogo", "Run BoringSSL's protocol tests over libdtls."),
    "netx-device": (
        "dtlslab.cli.netx_device:netx_device",
        "Compile a program for NetX Secure DTLS to an endpoint.",
    ),
    "netx-tests": ("dtlslab.cli.netx_tests:netx_tests", "Run the regression tests of NetX Secure DTLS."),
}

_ORDER = (
    "setup",
    "run",
    "test",
    "docs",
    "peers",
    "conformance",
    "interop",
    "sim",
    "replay",
    "mutate",
    "report",
    "diff",
    "bench",
    "bogo",
    "netx-device",
    "netx-tests",
)


class _Group(click.Group):
    """A group whose commands come from this package and from the plug-ins, each imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        names = self._helps()
        known = [name for name in _ORDER if name in names]
        return known + sorted(set(names) - set(known))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        from dtlslab.plugins import registry, resolve

        if cmd_name in _FRONT_DOOR:
            return _front_door(cmd_name)
        if cmd_name in _OWN:
            return _as_command(resolve(_OWN[cmd_name][0]))
        lazy = registry().commands.get(cmd_name)
        return None if lazy is None else _as_command(resolve(lazy.target))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        helps = self._helps()
        with formatter.section("Commands"):
            formatter.write_dl([(name, helps[name]) for name in self.list_commands(ctx)])

    def _helps(self) -> dict[str, str]:
        from dtlslab.plugins import registry

        helps = {name: text for name, (_, text) in _OWN.items()} | _FRONT_DOOR
        helps.update({name: command.help for name, command in registry().commands.items()})
        return helps


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dtlslab")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """A laboratory for DTLS: conformance, interop and simulation of any stack, on any network."""
    if ctx.invoked_subcommand not in _NEED_NO_BUILD:
        from dtlslab import first_use

        first_use.ready()


def main() -> None:
    """The console script: runs the command line and leaves with its status."""
    sys.exit(run_cli(sys.argv[1:]))


def run_cli(arguments: list[str]) -> int:
    """Runs one command line and answers its exit status: 0, 1, 2, 3 or 130. Errors are plain words."""
    try:
        status = cli.main(args=arguments, prog_name="dtlslab", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return 130
    except DtlslabError as error:
        click.echo(f"dtlslab: {error}", err=True)
        return error.status
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    return status if isinstance(status, int) else 0


def _as_command(value: Any) -> click.Command:
    if not isinstance(value, click.Command):
        raise TypeError(f"{value!r} is not a click command")
    return value


def _front_door(name: str) -> click.Command:
    @click.command(name, help=_FRONT_DOOR[name], context_settings={"ignore_unknown_options": True})
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def command(arguments: tuple[str, ...]) -> int:  # noqa: ARG001 - the front door's own
        from dtlslab import first_use, locations

        if name == "setup" and locations.checkout() is None:
            first_use.build()
            return 0
        click.echo(f"'{name}' is done by the script at the root of a checkout:  ./dtlslab {name}", err=True)
        return 2

    return command
