# SPDX-License-Identifier: MIT
"""The services' pages: what headers and tables have is in both editions, which are in step."""

from __future__ import annotations

import copy
import os
import re
import shlex
import subprocess
from pathlib import Path

import netx_reference as netx
import pytest

BUILD = Path(os.environ.get("DTLSLAB_BUILD", netx.ROOT / "build"))
HANGUL = re.compile("[가-힣]")
SERVICES = {service.name: service for service in netx.services()}


def untold(table: dict[str, object], key: str, where: str) -> list[str]:
    """What a table lacks of a text in two languages."""
    found = [f"{where}: no {key}{e.suffix}" for e in netx.EDITIONS if not table.get(key + e.suffix)]
    korean = str(table.get(f"{key}_ko", "가"))
    return found if HANGUL.search(korean) else [*found, f"{where}: {key}_ko is not Korean"]


def faults(service: netx.Service) -> list[str]:
    """What is missing of a service's words, or stands there for nothing."""
    found = untold(service.texts, "title", "title") + untold(service.texts, "text", "text")
    if {"waits", "waits_ko"} & set(service.texts):
        found += untold(service.texts, "waits", "waits")
    for name in service.prototype.names:
        try:
            found += untold(service.parameter(name), "text", name)
        except KeyError:
            found.append(f"{name}: no text")
    found += [
        f"{name}: no such parameter"
        for name in service.texts.get("parameters", {})
        if name not in service.prototype.names
    ]
    for row in service.codes:
        found += untold(row, "text", row["code"])
        if row["code"] not in netx.values():
            found.append(f"{row['code']}: no such code")
    if service.prototype.result != "VOID" and "NX_SUCCESS" not in {row["code"] for row in service.codes}:
        found.append("no codes")
    return found + [f"{name}: no such service" for name in service.texts["see"] if name not in SERVICES]


@pytest.mark.parametrize("name", SERVICES)
def test_everything_is_said_in_both_languages(name: str) -> None:
    assert faults(SERVICES[name]) == []


def test_what_is_left_out_is_found() -> None:
    planted = copy.deepcopy(SERVICES["session_receive"])
    del planted.texts["parameters"]["packet_ptr_ptr"]["text_ko"]
    planted.texts["parameters"]["planted"] = {}
    planted.texts["title_ko"] = "Receive"
    planted.codes = [
        {"code": "NX_SUCCESS", "text": "Data."},
        {"code": "NX_PLANTED", "text": ".", "text_ko": "."},
    ]
    assert faults(planted) == [
        "title: title_ko is not Korean",
        "packet_ptr_ptr: no text_ko",
        "planted: no such parameter",
        "NX_SUCCESS: no text_ko",
        "NX_PLANTED: text_ko is not Korean",
        "NX_PLANTED: no such code",
    ]


def test_every_service_of_the_headers_has_pages() -> None:
    assert set(SERVICES) == set(netx.prototypes())
    assert len(SERVICES) == 35
    assert sum(1 for service in SERVICES.values() if service.texts.get("extra")) == 7
    assert set(netx.codes()) == {name for name in SERVICES if name != "initialize"}


def test_services_with_and_without_checks_are_declared_alike() -> None:
    checked = netx.prototypes("_nxe_secure_dtls_")
    unchecked = {name: p for name, p in netx.prototypes().items() if name != "initialize"}
    assert checked == unchecked
    names = (netx.HEADERS / "nx_secure_dtls_api.h").read_text().replace("\\\n", " ")
    for infix, wanted in (("nx", set(SERVICES)), ("nxe", set(checked))):
        found = re.findall(rf"^#define {netx.PREFIX}(\w+) +_{infix}_secure_dtls_(\w+)$", names, re.M)
        assert {public for public, _ in found} == wanted
        assert all(public == own for public, own in found)


def test_the_pages_are_those_of_the_tables() -> None:
    for path, text in netx.pages().items():
        assert path.exists(), f"{path}: python docs/site/netx_reference.py makes it"
        assert path.read_text("utf-8") == text, "python docs/site/netx_reference.py makes it anew"
    for edition in netx.EDITIONS:
        assert set(edition.folder.glob("*.md")) <= set(netx.pages())


def shown(page: str) -> tuple[str, list[list[str]], list[str]]:
    """What must be the same in all languages: the prototype, the first columns of tables, the links."""
    (prototype,) = re.findall(r"^```c\n(.*?)\n```$", page, re.M | re.S)
    rows = re.findall(r"^\| `(\w+)` \|()|^- `(\w+)` \((0x\w+)\)", page, re.M)
    cells = [[word for word in row if word] for row in rows]
    return prototype, cells, re.findall(r"^- \[`(\w+)`\]", page, re.M)


@pytest.mark.parametrize("name", SERVICES)
def test_the_editions_are_in_step(name: str) -> None:
    service = SERVICES[name]
    english, korean = (
        shown((edition.folder / f"{service.public}.md").read_text("utf-8")) for edition in netx.EDITIONS
    )
    assert english == korean
    prototype, cells, _ = english
    assert netx.declared(prototype, netx.PREFIX) == {name: service.prototype}
    numbers = netx.values()
    codes = [(row["code"], numbers[row["code"]]) for row in service.codes]
    assert [cell[0] for cell in cells if len(cell) == 1] == service.prototype.names
    assert {(cell[0], int(cell[1], 16)) for cell in cells if len(cell) == 2} == set(codes)


PORT = netx.DOCS / "how-to" / "port-a-netx-program.md"
PROGRAM = [
    str(netx.EXAMPLES / f"{n}.c") for n in ("12_client_session_start", "peers", "credentials", "setup")
]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where libdtls has been installed."""
    prefix = tmp_path_factory.mktemp("installed")
    command = [
        "cmake",
        "--install",
        str(BUILD / "libdtls"),
        "--component",
        "libdtls",
        "--prefix",
        str(prefix),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return prefix


def compilations() -> list[str]:
    """The page's lines that compile a program."""
    return re.findall(r"^cc .*$", PORT.read_text().replace("\\\n", ""), re.M)


def works(program: Path) -> bool:
    """Whether it ends well."""
    return subprocess.run([program], check=False, capture_output=True).returncode == 0


def test_a_program_is_built_as_shown(tmp_path: Path) -> None:
    line, _ = compilations()
    words = []
    for word in shlex.split(line):
        archive = word.replace("build-libdtls", str(BUILD / "libdtls"))
        words += PROGRAM if word == "program.c" else [archive]
    words[words.index("program")] = str(tmp_path / "program")
    subprocess.run(words, cwd=netx.ROOT, check=True)
    assert works(tmp_path / "program")


def test_a_program_finds_by_pkg_config_what_is_installed(installed: Path, tmp_path: Path) -> None:
    _, line = compilations()
    (modules,) = installed.rglob("pkgconfig")
    environment = {**os.environ, "PKG_CONFIG_PATH": str(modules), "LD_RUN_PATH": str(modules.parent)}
    command = line.replace("program.c", " ".join(PROGRAM))
    subprocess.run(["sh", "-e", "-c", command], cwd=tmp_path, env=environment, check=True)
    assert works(tmp_path / "program")


def test_a_program_finds_by_cmake_what_is_installed(installed: Path, tmp_path: Path) -> None:
    (shown,) = re.findall(r"^```cmake\n(.*?)^```$", PORT.read_text(), re.M | re.S)
    find, link = shown.splitlines()
    made = f"add_executable(program {' '.join(PROGRAM)})"
    lines = ["cmake_minimum_required(VERSION 3.22)", "project(program C)", find, made, link]
    (tmp_path / "CMakeLists.txt").write_text("\n".join(lines))
    there = f"-DCMAKE_PREFIX_PATH={installed}"
    for command in (["-G", "Ninja", "-S", ".", "-B", "build", there], ["--build", "build"]):
        subprocess.run(["cmake", *command], cwd=tmp_path, check=True, capture_output=True)
    assert works(tmp_path / "build" / "program")
