# SPDX-License-Identifier: MIT
"""The process contract: what it makes of a file, and how each broken file is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from dtlslab import locations
from dtlslab.errors import BadInput
from dtlslab.processes import contract, known

GOOD = """\
contract = 1
name = "mystack"
stack = "mystack"
install = "make install"

[version]
command = ["mystack", "--version"]
pattern = 'mystack (\\S+)'

[files]
psk = "{psk_identity}:{psk_key_hex}"

[environment]
KEYS = "{keylog}"

[server]
command = ["mystack", "--port", "{port}", "--priority", "{lists.priority}"]

[server.ready]
output = '^ready'

[server.lists.priority]
words = ["NORMAL"]

[server.features]
psk.arguments = ["--psk", "{files.psk}", "{{literally}}"]
psk.lists.priority = ["+PSK"]
suite.lists.priority = ["{suite}"]

[suites]
c02b = { option = "+AES", says = 'AES$' }
"""


def read(text: str, tmp_path: Path) -> contract.Contract:
    path = tmp_path / "mystack.toml"
    path.write_text(text)
    return contract.read(path)


def test_a_command_line_is_made_of_features_in_order(tmp_path: Path) -> None:
    read_contract = read(GOOD, tmp_path)
    values = {"port": "4433", "files.psk": "/tmp/psk", "suite": "+AES"}
    assert read_contract.server is not None
    assert contract.command_line(read_contract.server, ["psk", "suite"], values) == [
        *("mystack", "--port", "4433", "--priority", "NORMAL:+PSK:+AES"),
        *("--psk", "/tmp/psk", "{literally}"),
    ]


def test_capabilities_follow_from_features_suites_and_groups(tmp_path: Path) -> None:
    read_contract = read(GOOD, tmp_path)
    assert read_contract.capabilities("server") == {"server", "dtls1.2", "psk", "suite:c02b"}
    assert read_contract.capabilities("client") == frozenset()


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "message"),
    [
        ("contract = 1", "contract = 2", 1, "contract", "invalid enum value 2"),
        ('name = "mystack"', 'name = "My stack"', 2, "name", "expected lower-case letters"),
        ('stack = "mystack"\n', "", 1, "", "the field stack is missing"),
        (
            "[server.ready]\noutput = '^ready'",
            "[server.ready]",
            19,
            "server.ready",
            "expected bound = true or",
        ),
        ("'^ready'", "'^(ready'", 20, "server.ready.output", "not a regular expression"),
        ("'mystack (\\S+)'", "'mystack'", 8, "version.pattern", "expected a group"),
        ("{port}", "{prot}", 17, "server.command[2]", "no placeholder {prot}"),
        ("{files.psk}", "{files.key}", 26, "server.features.psk.arguments[1]", "no placeholder {files.key}"),
        ("{{literally}}", "{literally", 26, "server.features.psk.arguments[2]", "a single {; write {{"),
        ("psk.arguments", "pks.arguments", 26, "server.features.pks", "no such feature; expected one of"),
        ("psk.lists.priority", "psk.lists.prio", 27, "server.features.psk.lists.prio", "no such list"),
        ('["+PSK"]', '"+PSK"', 27, "server.features.psk.lists.priority", "expected an array, found a string"),
        ("c02b =", "C02B =", 31, "suites.C02B", "four lower-case hexadecimal digits"),
        ("says = 'AES$'", "sais = 'AES$'", 31, "suites.c02b.sais", "no such field"),
        ("[suites]\nc02b", "[groups]\nc02b", 28, "server.features.suite", "needs a table suites"),
        ('command = ["mystack", "--v', 'command = ["", "--v', 7, "version.command", "expected a program"),
        ('KEYS = "{keylog}"', 'KEYS = "{keylock}"', 14, "environment.KEYS", "no placeholder {keylock}"),
        ("[server]\n", '[server]\ndata = "pipe"\n', 17, "server.data", "invalid enum value 'pipe'"),
        ("[server.lists.priority]", "[server.lists.priority", 22, "", "not valid TOML"),
    ],
)
def test_a_broken_file_is_refused_with_line_and_field(
    tmp_path: Path, old: str, new: str, line: int, field: str, message: str
) -> None:
    assert old in GOOD
    with pytest.raises(BadInput, match=r"mystack\.toml:\d+") as caught:
        read(GOOD.replace(old, new, 1), tmp_path)
    assert (caught.value.line, caught.value.field) == (line, field)
    assert message in caught.value.message


def test_a_contract_without_a_role_is_refused(tmp_path: Path) -> None:
    start = GOOD[: GOOD.index("[server]")]
    with pytest.raises(BadInput, match="expected a table client or server"):
        read(start, tmp_path)


def test_a_client_cannot_echo_by_itself(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="only a server can be echo"):
        read(GOOD.replace("[server", "[client").replace("[client]", '[client]\ndata = "echo"'), tmp_path)


def test_the_contracts_that_come_with_dtlslab_are_whole() -> None:
    contracts = known.known()
    assert set(contracts) == {
        "openssl-s_client",
        "openssl-s_server",
        "gnutls-cli",
        "gnutls-serv",
        "libdtls-client",
        "libdtls-server",
    }
    for read_contract in contracts.values():
        role = "client" if read_contract.client is not None else "server"
        assert {"certificate", "psk", "client-auth", "mtu"} <= read_contract.capabilities(role)


def test_the_manual_shows_a_file_that_is_right_and_names_everything(tmp_path: Path) -> None:
    root = locations.checkout()
    assert root is not None
    manual = (root / "docs" / "reference" / "process-contract.md").read_text()
    example = manual.split("```toml\n", 1)[1].split("```", 1)[0]
    assert "suite:c02b" in read(example, tmp_path).capabilities("server")
    for name in contract.PLACEHOLDERS:
        assert f"{{{name}}}" in manual
    for name in contract.FEATURES:
        assert f"`{name}`" in manual
