# SPDX-License-Identifier: MIT
"""Small programs for NetX Secure DTLS as endpoints: how they begin and end, and what does not compile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dtlslab import Lab, memory
from dtlslab.cli import run_cli
from dtlslab.endpoints import find
from dtlslab.errors import BadInput, DtlslabError
from dtlslab.netx_device import Program, build
from dtlslab.peer_settings import settings_beside
from dtlslab.verdict import Verdict
from dtlslab.workers import Job, run_jobs

BEGINNING = """
#include "nx_secure_dtls_api.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <fcntl.h>
extern const NX_SECURE_TLS_CRYPTO nx_crypto_tls_ciphers;
VOID my_board_driver(NX_IP_DRIVER *);
static NX_PACKET_POOL pool;
static UCHAR packets[16 * (1600 + sizeof(NX_PACKET))];
static NX_IP ip;
static TX_THREAD thread;
static NX_UDP_SOCKET udp;
static NX_SECURE_DTLS_SESSION session;
static UCHAR metadata[9000], reassembly[4000];
static int count;
static VOID entry(ULONG input);
VOID tx_application_define(VOID *memory) {
    nx_packet_pool_create(&pool, "pool", 1600, packets, sizeof packets);
    nx_ip_create(&ip, "ip", OWN_V4, 0xFFFFFF00, &pool, my_board_driver, NULL, 0, 1);
    MORE
    nx_udp_enable(&ip);
    tx_thread_create(&thread, "thread", entry, 0, NULL, 0, 8, 8, TX_NO_TIME_SLICE, TX_AUTO_START);
}
static UINT connect_to_server(ULONG wait) {
    NXD_ADDRESS server = OF_SERVER;
    nx_secure_dtls_session_create(&session, &nx_crypto_tls_ciphers, metadata, sizeof metadata, reassembly,
                                  sizeof reassembly, 0, NULL, 0);
    nx_secure_dtls_psk_add(&session, (UCHAR *)"0123456789abcdef", 16, (UCHAR *)"pump-7", 6, NULL, 0);
    nx_udp_socket_create(&ip, &udp, "udp", NX_IP_NORMAL, NX_FRAGMENT_OKAY, 0x80, 8);
    nx_udp_socket_bind(&udp, NX_ANY_PORT, NX_NO_WAIT);
    return nx_secure_dtls_client_session_start(&session, &udp, &server, 5684, wait);
}
"""
V4 = {
    "OWN_V4": "IP_ADDRESS(192, 168, 1, 7)",
    "MORE": "",
    "OF_SERVER": "{NX_IP_VERSION_V4, {IP_ADDRESS(203, 0, 113, 9)}}",
}
V6 = {
    "OWN_V4": "0",
    "MORE": "static NXD_ADDRESS own = {NX_IP_VERSION_V6, .nxd_ip_address.v6 = {0xFD000000, 0, 0, 7}};"
    "nxd_ipv6_enable(&ip); nxd_ipv6_address_set(&ip, 0, &own, 64, NULL);",
    "OF_SERVER": "{NX_IP_VERSION_V6, .nxd_ip_address.v6 = {0x20010DB8, 0, 0, 9}}",
}
KEY = (b"pump-7", b"0123456789abcdef")
"""What these programs have built in."""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("devices")


def make(folder: Path, name: str, body: str, where: dict[str, str] = V4, **more: Any) -> str:
    text = BEGINNING + body
    for word, value in where.items():
        text = text.replace(word, value)
    (folder / f"{name}.c").write_text(text)
    options: dict[str, Any] = {"drivers": ("my_board_driver",), "roles": ("client",)}
    build(Program(sources=(folder / f"{name}.c",), **{**options, **more}), folder / f"{name}.so")
    return str(folder / f"{name}.so")


@pytest.mark.parametrize("where", [V4, V6], ids=["IPv4", "IPv6"])
def test_a_program_without_main_with_a_key_and_addresses_of_its_own(
    folder: Path, where: dict[str, str]
) -> None:
    """Its server is the laboratory's; what the laboratory has configured for clients is not its own."""
    body = """
    static VOID entry(ULONG input) {
        printf("%d time(s), %ld, ", ++count, (long)time(NULL));
        printf("rand %d\\n", rand());
        printf("start: %x\\n", connect_to_server(NX_WAIT_FOREVER));
        nx_secure_dtls_session_end(&session, NX_NO_WAIT);
    }
    """
    device = make(folder, f"bare-{len(where['OF_SERVER'])}", body, where)
    with Lab(memory(delay="10ms"), nodes=4) as lab:
        servers = [lab.server("openssl", psk=KEY) for _ in range(2)]
        clients = [lab.client(device) for _ in range(2)]
        sessions = [one.connect(other) for one, other in zip(clients, servers, strict=True)]
        lab.run()
        assert [session.closed for session in sessions] == [True, True]
        assert clients[0].said == clients[1].said
        assert clients[0].said[0].startswith("1 time(s), 1767225600, rand ")
        assert clients[0].said[1:] == ["start: 0"]
        assert "own-credentials" in clients[0].capabilities


def test_a_program_also_sends_what_is_not_dtls(folder: Path) -> None:
    """Nobody answers that, and the session goes on; the second one, from another port, takes its place."""
    body = """
    static NX_UDP_SOCKET other;
    static VOID ask_for_the_time(VOID) {
        NXD_ADDRESS clock = {NX_IP_VERSION_V4, {IP_ADDRESS(203, 0, 113, 123)}};
        NX_PACKET *packet;
        nx_packet_allocate(&pool, &packet, NX_UDP_PACKET, NX_NO_WAIT);
        nx_packet_data_append(packet, "what time is it", 15, &pool, NX_NO_WAIT);
        nxd_udp_socket_send(&other, packet, &clock, 123);
    }
    static VOID talk(const char *text) {
        NX_PACKET *packet;
        CHAR heard[32] = {0};
        ULONG len;
        printf("start: %x\\n", connect_to_server(NX_WAIT_FOREVER));
        ask_for_the_time();
        nx_secure_dtls_packet_allocate(&session, &pool, &packet, NX_NO_WAIT);
        nx_packet_data_append(packet, (VOID *)text, 5, &pool, NX_NO_WAIT);
        nx_secure_dtls_client_session_send(&session, packet);
        ask_for_the_time();
        if (nx_secure_dtls_session_receive(&session, &packet, 500) == NX_SUCCESS) {
            nx_packet_data_retrieve(packet, heard, &len);
            nx_packet_release(packet);
        }
        puts(heard);
        nx_secure_dtls_session_end(&session, NX_IP_PERIODIC_RATE);
        nx_secure_dtls_session_delete(&session);
        nx_udp_socket_unbind(&udp);
        nx_udp_socket_delete(&udp);
    }
    static VOID entry(ULONG input) {
        nx_udp_socket_create(&ip, &other, "other", NX_IP_NORMAL, NX_FRAGMENT_OKAY, 0x80, 8);
        nx_udp_socket_bind(&other, 123, NX_NO_WAIT);
        ask_for_the_time();
        talk("hello");
        talk("again");
    }
    """
    device = make(folder, "clock", body)
    with Lab(memory(delay="10ms")) as lab:
        server = lab.server("openssl", psk=KEY)
        server.echo()
        own = lab.client(device)
        session = own.connect(server)
        lab.run()
        assert own.said == ["start: 0", "hello", "start: 0", "again"]
        assert session.received == b"hello"
        assert [(s.received, s.closed) for s in own.sessions] == [(b"hello", True), (b"again", True)]


def test_an_ipv6_server(folder: Path) -> None:
    body = """
    static NX_SECURE_DTLS_SERVER server;
    static NX_SECURE_DTLS_SESSION sessions[2];
    static UCHAR both[2 * 9000], parts[2 * 4000];
    static TX_SEMAPHORE taken;
    static UINT connected(NX_SECURE_DTLS_SESSION *session, NXD_ADDRESS *address, UINT port) {
        printf("v%d\\n", (int)address->nxd_ip_version);
        return tx_semaphore_put(&taken);
    }
    static UINT received(NX_SECURE_DTLS_SESSION *session) { return NX_SUCCESS; }
    static VOID entry(ULONG input) {
        tx_semaphore_create(&taken, "taken", 0);
        nx_secure_dtls_server_create(&server, &ip, 5684, NX_NO_WAIT, sessions, sizeof sessions,
                                     &nx_crypto_tls_ciphers, both, sizeof both, parts, sizeof parts,
                                     connected, received);
        nx_secure_dtls_server_psk_add(&server, (UCHAR *)"0123456789abcdef", 16, (UCHAR *)"pump-7", 6,
                                      NULL, 0);
        nx_secure_dtls_server_start(&server);
        tx_semaphore_get(&taken, TX_WAIT_FOREVER);
        printf("start: %x\\n", nx_secure_dtls_server_session_start(&sessions[0], 1000));
    }
    """
    device = make(folder, "server6", body, V6, roles=())
    with Lab(memory(delay="10ms")) as lab:
        own = lab.server(device)
        session = lab.client("openssl", psk=KEY).connect(own)
        lab.run(until=60.0)
        assert session.connected
        assert own.said == ["v6", "start: 0"]


def test_every_main_reads_its_options_from_the_first(folder: Path) -> None:
    body = """
    #include <unistd.h>
    static VOID entry(ULONG input) { exit(0); }
    int main(int argc, char **argv) {
        int option;
        while ((option = getopt(argc, argv, "k:v")) != -1)
            printf("%c %s\\n", option, optarg != NULL ? optarg : "");
        printf("%s of %d\\n", argv[optind], argc);
        return tx_kernel_enter();
    }
    """
    device = make(folder, "options", body, arguments="-v -k 'a key' rest")
    for _ in range(2):
        with Lab() as lab:
            own = lab.client(device)
            own.connect(lab.server("openssl", psk=KEY))
            lab.run()
            assert own.said == ["v ", "k a key", "rest of 5", "the program has ended with status 0"]


ENDS = {
    "before": ('int main(void) { fprintf(stderr, "no such file\\n"); exit(3); }', 3),
    "define": ("", 4),
    "thread": ("", 5),
    "host": ("", 6),
    "main": ("int main(void) { int kept = 7; tx_kernel_enter(); return kept; }", 7),
}


@pytest.mark.parametrize("where", ENDS)
def test_a_program_that_ends_is_told_of(folder: Path, where: str) -> None:
    """Wherever it does, the process goes on."""
    entry = {
        "thread": "exit(5);",
        "host": "tx_thread_sleep(100); tx_host_exit(6);",
        "main": "tx_host_exit(9);",
    }.get(where, "")
    body = f'#include "tx_host.h"\nstatic VOID entry(ULONG input) {{ {entry} }}\n{ENDS[where][0]}'
    device = make(folder, f"ends-{where}", body, {**V4, "MORE": "exit(4);" if where == "define" else ""})
    with Lab(memory(delay="10ms")) as lab:
        server_side = lab.server("openssl", psk=KEY)
        session = lab.client(device).connect(server_side)
        lab.run()
        assert session.failed
        assert f"ended with status {ENDS[where][1]}" in session.failure
        if where == "before":
            assert session.failure.endswith("before its threads began: no such file")


def test_a_handshake_that_is_given_up_is_told_of(folder: Path) -> None:
    body = """
    static VOID entry(ULONG input) {
        printf("%x\\n", connect_to_server(300));
        tx_thread_sleep(TX_WAIT_FOREVER);
    }
    """
    device = make(folder, "impatient", body)
    with Lab(memory(delay="10ms", loss=1.0)) as lab:
        own = lab.client(device)
        session = own.connect(lab.server("openssl", psk=KEY))
        lab.run(until=10.0)
        assert session.failure == "the program has given the handshake up"
        assert own.said == ["38"]


@pytest.mark.parametrize("where", ["thread", "main"])
def test_a_program_that_never_waits_is_a_hang(folder: Path, where: str) -> None:
    loop = "for (volatile int i = 0;; i++) {}"
    body = f"static VOID entry(ULONG input) {{ {loop} }}"
    if where == "main":
        body += f"int main(void) {{ {loop} }}"
    device = make(folder, f"loop-{where}", body, words=("psk",))
    cell = {"client": device, "server": "openssl", "case": "handshake-psk", "seed": 1, "out": str(folder)}
    (result,) = run_jobs([Job(function="dtlslab_interop.cell:run", arguments=cell, timeout_cpu_seconds=2.0)])
    assert result.verdict is Verdict.HANG


COMPLAINTS = {
    "syntax": ("int main(void) { retrun 0; }", ["error:", "retrun"]),
    "unknown": (
        "int main(void) { return nx_tcp_socket_create(0); }",
        ["nx_tcp_socket_create: of ThreadX or NetX"],
    ),
    "header": (
        '#include "nx_web_http_server.h"\nint main(void) {}',
        ["nx_web_http_server.h", "of ThreadX or NetX"],
    ),
    "driver": (
        '#include "nx_api.h"\nVOID eth_driver(NX_IP_DRIVER *);\nVOID *p = eth_driver;',
        ["undefined reference", "--driver eth_driver"],
    ),
}


@pytest.mark.parametrize("what", COMPLAINTS)
def test_what_does_not_compile_is_said(what: str, tmp_path: Path) -> None:
    text, expected = COMPLAINTS[what]
    (tmp_path / "program.c").write_text(text)
    program = Program(sources=(tmp_path / "program.c",), roles=("client",))
    with pytest.raises(DtlslabError) as error:
        build(program, tmp_path / "program.so")
    for words in expected:
        assert words in str(error.value)
    assert not (tmp_path / "program.so").exists()


def test_what_is_asked_for_is_judged(tmp_path: Path) -> None:
    (tmp_path / "program.c").write_text("int main(void) {}")
    source = (tmp_path / "program.c",)
    wrong = [
        Program(sources=(tmp_path / "nothing.c",)),
        Program(sources=source, arguments="{psk_keyhex}"),
        Program(sources=source, conditional=(("tickets", "-t"),)),
        Program(sources=source),  # calls no service that says what it is
    ]
    for program in wrong:
        with pytest.raises(BadInput):
            build(program, tmp_path / "program.so")


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every way to print is heard; flags go to the compiler; the program's own key is for its peer."""
    body = """
    static VOID entry(ULONG input) {
        printf("%d printed, ", (int)input);
        fputs("put, ", stdout);
        putchar('c');
        putc('d', stdout);
        fwrite("\\n", 1, 1, stdout);
        fprintf(stderr, "%s\\n", WORDS);
        char formatted[32];
        snprintf(formatted, sizeof formatted, "%d", 7);
        puts(formatted);
        connect_to_server(NX_WAIT_FOREVER);
        nx_secure_dtls_session_end(&session, NX_NO_WAIT);
    }
    """
    text = BEGINNING + body
    for word, value in V4.items():
        text = text.replace(word, value)
    (tmp_path / "program.c").write_text(text)
    command = ["netx-device", str(tmp_path / "program.c"), "-o", str(tmp_path / "My Device.so")]
    options = ["--driver", "my_board_driver", "--psk", f"pump-7:{KEY[1].hex()}", "--can", "echo"]
    assert run_cli([*command, *options, "--", "-D_FORTIFY_SOURCE=2", '-DWORDS="by a flag"']) == 0
    assert capsys.readouterr().out.endswith("My Device.so: client own-credentials psk echo\n")
    stack = find(str(tmp_path / "My Device.so"))
    assert stack.name == "my-device"
    beside = settings_beside(stack.capabilities, "server", {"psk": True})
    assert beside == {"psk": KEY}
    with Lab(memory(delay="10ms")) as lab:
        own = lab.client(str(stack.path))
        session = own.connect(lab.server("openssl", **beside))
        lab.run()
        assert session.closed
        assert own.said == ["0 printed, put, cd", "by a flag", "7"]


def test_the_command_refuses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "program.c").write_text("int main(void) { return nx_web(); }")
    device = ["-o", str(tmp_path / "device.so")]
    wrong = {
        ("--psk", "pump-7:key"): "not IDENTITY:KEY",
        ("--certificate", str(tmp_path / "program.c")): "go together",
        ("--when", "psk", "-k", "--psk", "a:00"): "exclude each other",
        ("--role", "client"): "nx_web: of ThreadX or NetX",
    }
    for options, words in wrong.items():
        assert run_cli(["netx-device", str(tmp_path / "program.c"), *device, *options]) == 2
        assert words in capsys.readouterr().err
