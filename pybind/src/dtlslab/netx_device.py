# SPDX-License-Identifier: MIT
"""Compiles an unchanged program for NetX Secure DTLS to an endpoint of the laboratory.

The program's sources, a few lines that say what is told of it, the glue of `interop/adapters/netx/device` and
the services become one shared object.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dtlslab import locations, peer_settings
from dtlslab.errors import BadInput, DtlslabError, NotInstalled

FEATURES = ("certificate", "client-auth", "psk")
"""What a configuration may have that arguments can depend on."""

PLACEHOLDERS = (
    "authority",
    "authority_der",
    "certificate",
    "certificate_der",
    "key",
    "key_der",
    "psk_hint",
    "psk_identity",
    "psk_key",
    "psk_key_hex",
    "server_name",
)
"""What {words} in arguments stand for."""

_TARGETS = ("dtlslab_netx_device", "dtls_netx", "dtls_libcrypto", "dtls", "dtlslab_relocation")
_ARCHIVES = (
    "lib/libdtlslab-netx-device.a",
    "libdtls/libdtls_netx.a",
    "libdtls/libdtls_libcrypto.a",
    "libdtls/libdtls.a",
    "sim/clock/libdtlslab_relocation.a",
)
_INCLUDES = ("libdtls/include/netx", "libdtls/include")
_OWN_INCLUDES = ("interop/adapters/netx/device", "interop/adapters/common", "interop/contract")
_WRAPPED = (
    *("exit", "_exit", "_Exit", "rand", "srand", "random", "srandom"),
    *(
        "printf",
        "fprintf",
        "vprintf",
        "vfprintf",
        "puts",
        "fputs",
        "putchar",
        "putc",
        "fputc",
        "fwrite",
        "perror",
    ),
    *("__printf_chk", "__fprintf_chk", "__vprintf_chk", "__vfprintf_chk"),
)
"""Functions of the C library that are the glue's for the program."""
_EXPORTED = ("dtlslab_endpoint_api", "dtlslab_device_program_api")

_SWITCH = "_nx_ram_network_driver_1500"
_CALLS = {
    "server": re.compile(r"\b_nxe?_secure_dtls_(server_create|session_start)$", re.M),
    "client": re.compile(r"\b_nxe?_secure_dtls_(client_session_start|session_start)$", re.M),
}
_NAME = re.compile(r"_?(nxd?e?|txe?|NXD?|TX)_\w+(\.h)?")
_UNKNOWN = re.compile(r"implicit declaration|undeclared|unknown type|undefined reference|has no member")
_QUOTED = re.compile(r"[`'‘\"]([A-Za-z_]\w*)['’\"]")
_HEADER = re.compile(r"error: (\S+\.h): No such file")


@dataclass(frozen=True, slots=True)
class Program:
    """A program, and what is told of it."""

    sources: tuple[Path, ...]
    drivers: tuple[str, ...] = ()
    """Names of the board's network drivers that no source has."""
    arguments: str = ""
    """Of `main`, as on a command line."""
    conditional: tuple[tuple[str, str], ...] = ()
    """Features, each with arguments that are added if it is configured."""
    words: tuple[str, ...] = ()
    """More capabilities."""
    roles: tuple[str, ...] = ()
    """`client`, `server`; empty: by the services that it calls."""
    peer: Mapping[str, bytes] = field(default_factory=dict)
    """What the other side is to have if the program has credentials of its own: `peer_settings.FIELDS`."""
    port: int = 0
    """Of a server; 0: that of its DTLS server."""
    flags: tuple[str, ...] = field(default=())
    """For the compiler and the linker."""


def build(program: Program, output: Path) -> list[str]:
    """Makes the shared object; answers its capabilities as far as they are not those of all programs."""
    _check(program)
    compiler = _prepare()
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="dtlslab-") as scratch:
        objects = [_compile(compiler, program, source, Path(scratch)) for source in program.sources]
        words = _words(program, objects)
        settings = Path(scratch) / "settings.c"
        settings.write_text(_settings(program, _name(output), words))
        made = Path(scratch) / output.name
        _link(compiler, program, [*objects, settings], made)
        shutil.copy(made, output.with_name(f".{output.name}.new"))
    output.with_name(f".{output.name}.new").replace(output)  # who has the old one loaded keeps it
    return [word for word in words if not peer_settings.is_word(word)]


def _check(program: Program) -> None:
    for source in program.sources:
        if not source.is_file():
            raise BadInput(f"there is no file {source}", field="SOURCES")
    if program.peer and program.conditional:
        raise BadInput("arguments for credentials, and credentials of the program's own, exclude each other")
    for feature, _ in program.conditional:
        if feature not in FEATURES:
            raise BadInput(f"{feature!r}; expected one of {', '.join(FEATURES)}", field="--when")
    for text in (program.arguments, *(text for _, text in program.conditional)):
        for word in re.findall(r"\{(\w+)\}", text):
            if word not in PLACEHOLDERS:
                raise BadInput(f"no placeholder {{{word}}}; expected one of {', '.join(PLACEHOLDERS)}")


def _prepare() -> str:
    """The compiler, with the library and the glue brought up to date."""
    if locations.checkout() is None:
        raise NotInstalled("a checkout of dtlslab, which has the sources of devices,", "git clone")
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise NotInstalled("gcc, which compiles the program,", "apt-get install gcc libc6-dev")
    if not (locations.build_folder() / "build.ninja").is_file():
        raise NotInstalled("the build", f"{locations.how_to_run()} setup")
    _run(["ninja", "-C", str(locations.build_folder()), *_TARGETS], "the library does not build")
    return compiler


def _compile(compiler: str, program: Program, source: Path, scratch: Path) -> Path:
    """The object file of a source; what is no source, an object or an archive, stands for itself."""
    if source.suffix not in (".c", ".S", ".s"):
        return source.absolute()
    made = scratch / f"{source.stem}-{len(list(scratch.iterdir()))}.o"
    command = [compiler, "-std=gnu17", "-O2", "-g", "-fPIC", *(f"-I{_root() / path}" for path in _INCLUDES)]
    _run([*command, *program.flags, "-c", str(source), "-o", str(made)], f"{source} does not compile")
    return made


def _words(program: Program, objects: Sequence[Path]) -> list[str]:
    roles = program.roles or _roles(objects)
    words = [*roles, *(["cookie"] if "server" in roles else [])]
    for feature, _ in program.conditional:
        words += ["certificate", "verify"] if feature == "certificate" else [feature]
    if not program.conditional:
        words.append("own-credentials")
    if "psk_key" in program.peer:
        words.append("psk")
    if {"trust", "certificate"} & set(program.peer):
        words.append("certificate")
    return list(dict.fromkeys([*words, *program.words, *peer_settings.words(program.peer)]))


def _roles(objects: Sequence[Path]) -> list[str]:
    ran = subprocess.run(["nm", "-u", *objects], capture_output=True, text=True, check=False)
    roles = [role for role, calls in _CALLS.items() if calls.search(ran.stdout)]
    if not roles:
        raise BadInput(
            "the program calls neither nx_secure_dtls_server_create nor nx_secure_dtls_client_session_start; "
            "--role says what it is"
        )
    return roles


def _settings(program: Program, name: str, words: Sequence[str]) -> str:
    arguments = [("NULL", text) for text in shlex.split(program.arguments)]
    for feature, texts in program.conditional:
        arguments += [(_c_string(feature), text) for text in shlex.split(texts)]
    rows = "".join(f"    {{{when}, {_c_string(text)}}},\n" for when, text in arguments)
    return (
        '#include "device.h"\n\n'
        f"const char device_name[] = {_c_string(name)};\n"
        f"static const char *const words[] = {{{', '.join([*map(_c_string, words), 'NULL'])}}};\n"
        f"static const struct device_arguments arguments[] = {{\n{rows}    {{NULL, NULL}},\n}};\n"
        "const struct device_settings device_settings = {\n"
        "    .words = words,\n    .arguments = arguments,\n"
        f"    .own_credentials = {int(not program.conditional)},\n    .port = {program.port},\n}};\n"
    )


def _link(compiler: str, program: Program, parts: Sequence[Path], output: Path) -> None:
    command = [
        compiler,
        "-shared",
        "-fPIC",
        *(f"-I{_root() / path}" for path in (*_INCLUDES, *_OWN_INCLUDES)),
    ]
    command += [f"-Wl,--version-script={_root() / _OWN_INCLUDES[0] / 'exported.map'}", "-Wl,-z,defs"]
    command += [f"-Wl,--wrap={name}" for name in _WRAPPED]
    command += [f"-Wl,-u,{name}" for name in _EXPORTED]
    command += [f"-Wl,--defsym={driver}={_SWITCH}" for driver in program.drivers]
    command += [*map(str, parts), *(str(locations.build_folder() / archive) for archive in _ARCHIVES)]
    _run(
        [*command, *program.flags, "-lcrypto", "-lpthread", "-ldl", "-o", str(output)], "it cannot be linked"
    )


def _name(output: Path) -> str:
    name = re.sub(r"[^a-z0-9._-]", "-", output.name.removesuffix(".so").lower())
    return name or "device"


def _c_string(text: str) -> str:
    escaped = "".join(
        c if c.isalnum() or c in " -_.:/{}=,@+" else "".join(f"\\{b:03o}" for b in c.encode()) for c in text
    )
    return f'"{escaped}"'


def _root() -> Path:
    root = locations.checkout()
    assert root is not None
    return root


def _run(command: list[str], complaint: str) -> None:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except FileNotFoundError:
        raise NotInstalled(command[0], "apt-get install gcc ninja-build") from None
    if ran.returncode != 0:
        said = (ran.stdout + ran.stderr).strip()
        raise DtlslabError("\n".join([f"{complaint}:", said[-6000:], *_hints(said)]))


def _hints(said: str) -> list[str]:
    """What may be done about names that the compiler or the linker does not know."""
    lines = [line for line in said.splitlines() if _UNKNOWN.search(line)]
    missing = dict.fromkeys(
        [*_HEADER.findall(said), *(name for line in lines for name in _QUOTED.findall(line))]
    )
    hints = []
    drivers = [name for name in missing if "driver" in name.lower()]
    known = [name for name in missing if name not in drivers and _NAME.fullmatch(name)]
    if drivers:
        hints.append(f"If {drivers[0]} is the board's network driver: --driver {drivers[0]}")
    if known:
        hints.append(
            f"{', '.join(known)}: of ThreadX or NetX, and not among what is here. The headers in "
            "libdtls/include/netx have all that is; docs/how-to/port-a-netx-program.md says what to do."
        )
    return hints
