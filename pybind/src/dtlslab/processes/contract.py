# SPDX-License-Identifier: MIT
"""The process contract: a TOML file that says how an external program is run as a DTLS client or server.

`docs/reference/process-contract.md` is the manual of the format. A contract is read into a `Contract`; a file
that breaks a rule is refused with file, line, field and what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from dtlslab import toml_file
from dtlslab.toml_file import Document

PLACEHOLDERS = {
    "host": "the address to listen on or to connect to",
    "port": "the UDP port to listen on or to connect to",
    "certificate": "path of this side's certificate chain, PEM",
    "key": "path of this side's private key, PKCS#8 PEM",
    "authority": "path of the trust anchors, PEM",
    "server_name": "the name that the server's certificate is checked against",
    "psk_identity": "the identity of the pre-shared key",
    "psk_key_hex": "the pre-shared key in hexadecimal",
    "mtu": "the largest datagram to send, bytes of UDP payload",
    "link_mtu": "the same with the headers of UDP and IPv4, 28 bytes more",
    "alpn": "the application protocols, commas between them",
    "alpn_first": "the most preferred of them",
    "alpn_last": "the least preferred of them",
    "mfl": "the most bytes of a record that a client asks for",
    "srtp": "this program's word for the SRTP profile asked for",
    "exporter_label": "what keying material is exported with",
    "exporter_len": "how many bytes of it",
    "ocsp_response": "path of the OCSP response to staple, DER",
    "public_key": "path of this side's public key, PEM",
    "peer_key": "path of the other side's public key, PEM",
    "suite": "this program's word for the cipher suite asked for",
    "group": "this program's word for the group asked for",
    "keylog": "path of the key-log file to write",
    "log": "path of a file for the program's messages, for programs that can keep them out of their output",
}
"""Every placeholder with its meaning. `files.NAME` and `lists.NAME` come on top, from the contract itself."""

FEATURES = {
    "certificate": "server: presents a certificate; client: verifies the server's",
    "psk": "authenticates with a pre-shared key",
    "client-auth": "server: requires a client certificate; client: presents one",
    "cookie": "server: answers the first ClientHello with HelloVerifyRequest",
    "no-cookie": "server: does not",
    "ems": "negotiates the extended master secret",
    "no-ems": "does not",
    "mtu": "keeps its datagrams to a given size",
    "suite": "uses one given cipher suite; which ones, says the table `suites`",
    "group": "uses one given group; which ones, says the table `groups`",
    "keylog": "writes the session's secrets to a file in the NSS key log format",
    "tickets": "resumes sessions",
    "alpn": "negotiates an application protocol",
    "mfl": "client: asks for records of at most `{mfl}` bytes; server: grants it",
    "srtp": "agrees on the SRTP profile that `{srtp}` names; the contract says them by the table `srtp`",
    "exporter": "exports keying material and says it",
    "ocsp": "client: asks for an OCSP response; server: staples `{ocsp_response}`",
    "rpk": "shows and takes raw public keys instead of certificates",
    "dtls1.0": "can be held to DTLS 1.0",
    "dtls1.2": "can be held to DTLS 1.2",
    "dtls1.3": "can be held to DTLS 1.3",
}
"""What a program may be able to do. A case that needs a feature without an entry is `unsupported`."""

_REFERENCE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_CODE = re.compile(r"[0-9a-f]{4}")


class Feature(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is added to the command line, and to lists, when a case asks for the feature."""

    arguments: tuple[str, ...] = ()
    lists: Mapping[str, tuple[str, ...]] = {}
    says: str | None = None
    """A regular expression for what the program writes when the session has the feature. Of `exporter`, its
    first group is the keying material in hexadecimal."""


class Choice(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A cipher suite or group: the program's word for it, and what the program says when it was agreed on."""

    option: str
    says: str | None = None


class WordList(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An argument that several features make together, such as a priority string."""

    separator: str = ":"
    words: tuple[str, ...] = ()


class Ready(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """When a server can take its first datagram: it has written something, or its port is bound."""

    output: str | None = None
    bound: bool = False
    seconds: float = 5.0


class Says(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Regular expressions over what the program writes, message lines only, never application data."""

    connected: str | None = None
    failed: str | None = None
    alert_received: str | None = None
    """Its first group, if it has one, is the number of the alert."""


class Role(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How the program is run in one role."""

    command: tuple[str, ...]
    data: Literal["stdio", "echo"] = "stdio"
    """`stdio`: application data is the program's standard input and output. `echo`: a server that echoes by
    itself."""
    close: Literal["end of input", "none"] = "none"
    """What makes the program send close_notify: the end of its standard input, or nothing."""
    messages: Literal["live", "at end"] = "live"
    """When its messages can be read: as it goes, or only when it has ended."""
    ends: bool = True
    """It ends by itself when its session has ended, with a status that tells how."""
    lines: bool = False
    """The program sends line by line and changes other bytes: data must be text."""
    features: Mapping[str, Feature] = {}
    lists: Mapping[str, WordList] = {}
    ready: Ready = Ready()
    says: Says = Says()


class Version(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How the program tells its version; the pattern's first group is the version."""

    command: tuple[str, ...]
    pattern: str


class Exit(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What the exit statuses of the program mean."""

    success: tuple[int, ...] = (0,)
    unsupported: tuple[int, ...] = (127,)


class Contract(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A contract file."""

    contract: Literal[1]
    name: str
    stack: str
    install: str
    version: Version
    client: Role | None = None
    server: Role | None = None
    suites: Mapping[str, Choice] = {}
    groups: Mapping[str, Choice] = {}
    srtp: Mapping[str, Choice] = {}
    files: Mapping[str, str] = {}
    environment: Mapping[str, str] = {}
    exit: Exit = Exit()

    def role(self, name: str) -> Role | None:
        """The role of that name, `client` or `server`; None when the program cannot play it."""
        return self.client if name == "client" else self.server

    def capabilities(self, role: str) -> frozenset[str]:
        """The words of the endpoint contract's capability list that hold for the program in `role`."""
        description = self.role(role)
        if description is None:
            return frozenset()
        words = {role, *description.features} - {"suite", "group"}
        if "suite" in description.features:
            words.update(f"suite:{code}" for code in self.suites)
        if "group" in description.features:
            words.update(f"group:{code}" for code in self.groups)
        if "srtp" in description.features:
            words.update(f"srtp:{code}" for code in self.srtp)
        if ("certificate" if role == "client" else "client-auth") in words:
            words.add("verify")
        if not any(word.startswith("dtls1.") for word in words):
            words.add("dtls1.2")
        return frozenset(words)


def read(path: Path) -> Contract:
    """Reads and checks a contract file. BadInput names file, line, field and what was expected."""
    document = toml_file.read(path, Contract)
    _Checker(document).check()
    return document.value


def substitute(text: str, values: Mapping[str, str]) -> str:
    """`text` with its placeholders filled in; `{{` and `}}` stand for braces."""

    def one(found: re.Match[str]) -> str:
        whole = found[0]
        return whole[0] if whole in ("{{", "}}") else values[found[1]]

    return _REFERENCE.sub(one, text)


def command_line(role: Role, features: Iterable[str], values: Mapping[str, str]) -> list[str]:
    """The command of `role` with these features, in the order given. KeyError: a feature that it lacks."""
    chosen = [role.features[name] for name in features]
    filled = dict(values)
    for name, start in role.lists.items():
        words = [*start.words, *(word for feature in chosen for word in feature.lists.get(name, ()))]
        filled[f"lists.{name}"] = start.separator.join(substitute(word, values) for word in words)
    arguments = [*role.command, *(argument for feature in chosen for argument in feature.arguments)]
    return [substitute(argument, filled) for argument in arguments]


class _Checker:
    """The rules that types do not express: placeholders, regular expressions, names."""

    def __init__(self, document: Document[Contract]) -> None:
        self.document = document
        self.contract = document.value

    def check(self) -> None:
        contract = self.contract
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", contract.name):
            raise self.document.bad(
                ("name",), "expected lower-case letters, digits and ._- only, for it names files"
            )
        if contract.client is None and contract.server is None:
            raise self.document.bad((), "expected a table client or server")
        self._command(("version", "command"), contract.version.command)
        self._pattern(("version", "pattern"), contract.version.pattern, groups=1)
        self._choices("suites", contract.suites)
        self._choices("groups", contract.groups)
        self._choices("srtp", contract.srtp)
        for name, text in contract.files.items():
            self._text(("files", name), text, PLACEHOLDERS)
        known = self._known()
        for name, text in contract.environment.items():
            self._text(("environment", name), text, known)
        for name in ("client", "server"):
            role = contract.role(name)
            if role is not None:
                self._role(name, role)

    def _known(self, role: Role | None = None) -> set[str]:
        names = {*PLACEHOLDERS, *(f"files.{name}" for name in self.contract.files)}
        return names | {f"lists.{name}" for name in role.lists} if role is not None else names

    def _role(self, name: str, role: Role) -> None:
        self._command((name, "command"), role.command)
        known, plain = self._known(role), self._known()
        for index, argument in enumerate(role.command):
            self._text((name, "command", index), argument, known)
        for key, words in role.lists.items():
            for index, word in enumerate(words.words):
                self._text((name, "lists", key, "words", index), word, plain)
        for key, feature in role.features.items():
            self._feature((name, "features", key), key, feature, role)
        for key in ("connected", "failed", "alert_received"):
            self._pattern((name, "says", key), getattr(role.says, key))
        self._pattern((name, "ready", "output"), role.ready.output)
        if name == "server" and not role.ready.bound and role.ready.output is None:
            raise self.document.bad((name, "ready"), "expected bound = true or output = a regular expression")
        if name == "client" and role.data == "echo":
            raise self.document.bad((name, "data"), "only a server can be echo; expected stdio")

    def _feature(self, field: Sequence[str | int], name: str, feature: Feature, role: Role) -> None:
        if name not in FEATURES:
            raise self.document.bad(field, f"no such feature; expected one of {', '.join(FEATURES)}")
        tables = {
            "suite": ("suites", self.contract.suites),
            "group": ("groups", self.contract.groups),
            "srtp": ("srtp", self.contract.srtp),
        }
        if name in tables and not tables[name][1]:
            raise self.document.bad(field, f"needs a table {tables[name][0]} with one entry at least")
        self._pattern((*field, "says"), feature.says)
        for index, argument in enumerate(feature.arguments):
            self._text((*field, "arguments", index), argument, self._known(role))
        for key, words in feature.lists.items():
            if key not in role.lists:
                known = ", ".join(role.lists) or "none is defined"
                raise self.document.bad((*field, "lists", key), f"no such list; expected one of: {known}")
            for index, word in enumerate(words):
                self._text((*field, "lists", key, index), word, self._known())

    def _choices(self, table: str, choices: Mapping[str, Choice]) -> None:
        for code, choice in choices.items():
            if not _CODE.fullmatch(code):
                raise self.document.bad(
                    (table, code), "expected the IANA code point as four lower-case hexadecimal digits"
                )
            self._pattern((table, code, "says"), choice.says)

    def _command(self, field: Sequence[str | int], command: Sequence[str]) -> None:
        if not command or not command[0]:
            raise self.document.bad(field, "expected a program and its arguments")

    def _text(self, field: Sequence[str | int], text: str, known: Iterable[str]) -> None:
        for found in _REFERENCE.finditer(text):
            if found[0] in ("{{", "}}"):
                continue
            if found[1] is None:
                raise self.document.bad(
                    field, f"a single {found[0]}; write {found[0] * 2} for the character itself"
                )
            if found[1] not in known:
                raise self.document.bad(
                    field, f"no placeholder {{{found[1]}}}; expected one of {', '.join(sorted(known))}"
                )

    def _pattern(self, field: Sequence[str | int], pattern: str | None, groups: int = 0) -> None:
        if pattern is None:
            return
        try:
            compiled = re.compile(pattern)
        except re.error as error:
            raise self.document.bad(field, f"not a regular expression of Python: {error}") from None
        if compiled.groups < groups:
            raise self.document.bad(field, "expected a group, (…), around what is to be taken out")
