# SPDX-License-Identifier: MIT
"""How the other parts of the laboratory join this package, which never imports them itself.

A plug-in is a module with `register(registry: Registry) -> None`. It is found by
the entry-point group `dtlslab.plugins`, and the two that live in the same
repository also by name. `register` must be cheap: it names functions as
`module:attribute`, and they are imported when they are called.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from dtlslab.errors import NotInstalled

if TYPE_CHECKING:
    from dtlslab.stack import Stack
    from dtlslab.trace.dissection import Dissector
    from dtlslab.workers import Job

GROUP = "dtlslab.plugins"
WELL_KNOWN = ("dtlslab_interop.plugin", "dtlslab_conformance.plugin")


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """A click command that is imported when it is run: `target` is `module:attribute`."""

    name: str
    target: str
    help: str


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What `run` tells each part of the campaign."""

    stacks: Sequence[Stack]
    """The installed stacks to use, in order."""
    seed: int
    out: str
    """The out folder, absolute; traces go to `Cell.folder` below it."""
    scale: str = "default"
    """`quick`, `default` or `all`."""


@dataclass(frozen=True, slots=True)
class CampaignPart:
    """A part of the default campaign. `plan` names `def plan(options: PlanOptions) -> list[Job]`.

    Each job's function answers `list[Result]`; see `dtlslab.campaign`.
    """

    name: str
    title: str
    plan: str
    order: int = 50

    def jobs(self, options: PlanOptions) -> list[Job]:
        return cast("list[Job]", resolve(self.plan)(options))


@dataclass(slots=True)
class Registry:
    """What the plug-ins brought."""

    commands: dict[str, LazyCommand] = field(default_factory=dict)
    parts: dict[str, CampaignPart] = field(default_factory=dict)
    missing: dict[str, tuple[CampaignPart, NotInstalled]] = field(default_factory=dict)
    """Parts that would be there if something were installed."""
    dissector: str | None = None

    def add_command(self, name: str, target: str, help: str) -> None:  # noqa: A002 - click's own word
        """Adds the command `dtlslab NAME`; `target` is `module:attribute` of a click command."""
        self.commands[name] = LazyCommand(name, target, help)

    def add_campaign_part(self, part: CampaignPart) -> None:
        self.parts[part.name] = part

    def leave_out(self, part: CampaignPart, why: NotInstalled) -> None:
        """Names a part that cannot be run until what `why` names is installed."""
        self.missing[part.name] = (part, why)

    def set_dissector(self, target: str) -> None:
        """`module:function` of a `dtlslab.trace.dissection.Dissector`, used for every trace."""
        self.dissector = target

    def find_dissector(self) -> Dissector | None:
        return None if self.dissector is None else cast("Dissector", resolve(self.dissector))


@functools.cache
def registry() -> Registry:
    """The registry, filled once per process."""
    filled = Registry()
    for name in _module_names():
        importlib.import_module(name).register(filled)
    return filled


def resolve(target: str) -> Callable[..., Any]:
    """The object that `module:attribute` names."""
    module, _, attribute = target.partition(":")
    return cast("Callable[..., Any]", getattr(importlib.import_module(module), attribute))


def _module_names() -> list[str]:
    names = {name: None for name in WELL_KNOWN if _exists(name)}
    from importlib.metadata import entry_points

    names.update({point.module: None for point in entry_points(group=GROUP)})
    return [name for name in names if _exists(name)]


def _exists(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
