# SPDX-License-Identifier: MIT
"""libdtls's C interface in any order: a client, a server, and a network that loses, doubles, and reorders.

Hypothesis makes up the sequences of calls. Whatever they are, a call answers
what its header says, the blocks' surroundings stay as they were, counters never
go back, deadlines lie ahead, data comes once and whole; and if nobody ended the
connection, or told a lie, the handshake comes to its end once the network works.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

pytest.importorskip("dtlslab._dtls")
from dtlslab._dtls import ffi, lib

CANARY = bytes(range(64))
SECOND = 1_000_000_000
NO_DEADLINE = (1 << 64) - 1
KEY = bytes(range(16))
SUITES = (
    ("psk_aes_128_gcm_sha256",),
    ("psk_aes_128_ccm_8", "psk_chacha20_poly1305_sha256"),
    ("psk_aes_128_cbc_sha256",),
    ("ecdhe_psk_aes_128_gcm_sha256",),
    ("ecdhe_psk_aes_128_cbc_sha", "psk_aes_128_cbc_sha"),
)
QUESTIONS = (lib.DTLS_EVENT_LOOK_UP_PSK, lib.DTLS_EVENT_LOOK_UP_SESSION)
# Bytes behind the largest record number that the replay window of RFC 6347 section 4.1.2.6 has surely kept.
WINDOW = 32


def address(name: str) -> Any:
    return ffi.addressof(lib, name)


class Block:
    """Memory between canaries, aligned as for any type."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._whole = ffi.new("uint8_t[]", size + 2 * len(CANARY) + 16)
        start = len(CANARY) + -(int(ffi.cast("uintptr_t", self._whole)) + len(CANARY)) % 16
        self._front, self.memory = self._whole + start - len(CANARY), self._whole + start
        self._back = self.memory + size
        for place in (self._front, self._back):
            ffi.memmove(place, CANARY, len(CANARY))
        self.spoil()

    def spoil(self) -> None:
        """Contents may be anything when a block is given to the library."""
        ffi.memmove(self.memory, b"\xa5" * self.size, self.size)

    def check(self) -> None:
        for place in (self._front, self._back):
            assert ffi.buffer(place, len(CANARY))[:] == CANARY


@dataclass(frozen=True)
class Choice:
    """What both sides are configured to."""

    suites: tuple[str, ...]
    extensions: tuple[str, ...]
    mtu: int
    padding: int
    resumption: bool
    cache: bool


def with_its_needs(names: set[str]) -> tuple[str, ...]:
    """A MAC inside the ciphertext and connection IDs do not go together: no suite would be left."""
    return tuple(sorted(names | ({"encrypt_then_mac"} if "connection_id" in names else set())))


CHOICES = st.builds(
    Choice,
    suites=st.sampled_from(SUITES),
    extensions=st.sets(
        st.sampled_from(
            (
                "extended_master_secret",
                "encrypt_then_mac",
                "renegotiation_info",
                "connection_id",
                "alpn",
                "max_fragment_length",
                "record_size_limit",
            )
        )
    ).map(with_its_needs),
    mtu=st.sampled_from((0, 200, 400)),
    padding=st.sampled_from((0, 0, 16)),
    resumption=st.booleans(),
    cache=st.booleans(),
)


@dataclass
class Flying:
    """A datagram on its way, and the data in it if it is one record of data."""

    data: bytes
    payload: bytes = b""
    number: int = 0
    changed: bool = False


@dataclass
class Sent:
    """What an application has sent: which of it has come out at the other side."""

    numbers: dict[bytes, int] = field(default_factory=dict)
    received: dict[bytes, int] = field(default_factory=dict)
    newest: int = 0


class Party:
    """One connection, with its configuration, its memory, and what its application knows."""

    _numbers: ClassVar[int] = 0

    def __init__(self, role: str, choice: Choice) -> None:
        self.role, self.choice = role, choice
        self._keep: list[Any] = []
        self.config = self._configure()
        problem = ffi.new("dtls_config_problem *")
        result = lib.dtls_config_check(self.config, problem)
        assert result == lib.DTLS_OK, ffi.string(problem.expected)
        self.session = Block(lib.dtls_session_size(self.config))
        self.handshake: Block | None = Block(lib.dtls_handshake_size(self.config))
        out = self._new("dtls_connection **")
        assert (
            lib.dtls_connection_open(
                self.config,
                self.session.memory,
                self.session.size,
                self.handshake.memory,
                self.handshake.size,
                out,
            )
            == lib.DTLS_OK
        )
        self.connection = out[0]
        self.inbox: list[Flying] = []
        self.sent = Sent()
        self.question = 0
        self.connected = self.failed = self.ended = False
        self.statistics: dict[str, int] = {}
        self.states: list[bytes] = []

    def _new(self, kind: str, value: Any = None) -> Any:
        made = ffi.new(kind) if value is None else ffi.new(kind, value)
        self._keep.append(made)
        return made

    def span(self, data: bytes) -> dict[str, Any]:
        return {"data": self._new("uint8_t[]", data or b"\0"), "len": len(data)}

    def _list(self, kind: str, names: list[str]) -> Any:
        return self._new(f"{kind} *[]", [*(address(name) for name in names), ffi.NULL])

    def _configure(self) -> Any:
        config = self._new("dtls_config *")
        config.crypto = address("dtls_libcrypto")
        config.protocols = self._list("dtls_protocol const", [f"dtls_{self.role}_1_2"])
        config.cipher_suites = self._list(
            "dtls_cipher_suite const", [f"dtls_suite_{name}" for name in self.choice.suites]
        )
        config.groups = lib.dtls_default_groups
        config.signature_schemes = lib.dtls_default_signature_schemes
        config.extensions = self._list(
            "dtls_extension const", [f"dtls_extension_{name}" for name in self.choice.extensions]
        )
        config.mtu, config.record_padding = self.choice.mtu, self.choice.padding
        config.max_fragment_length, config.record_size_limit = 512, 100
        config.keep_secrets, config.key_log = True, True
        config.trust_legacy_master_secret = True
        config.application_protocols = self._new("dtls_span[]", [self.span(b"coap"), self.span(b"x")])
        config.num_application_protocols = 2
        if self.choice.resumption:
            config.resumption = address(f"dtls_resumption_{self.role}")
        if self.choice.resumption and self.role == "server":
            config.session_cache = self.choice.cache
            if not self.choice.cache:
                config.ticket_keys = self._new("dtls_ticket_keys *", {"aead": lib.DTLS_AEAD_AES_256_GCM})
        return config

    @property
    def info(self) -> Any:
        return lib.dtls_connection_get_info(self.connection)

    @property
    def over(self) -> bool:
        """Nothing can be sent any more."""
        return bool(self.failed or self.info.closed)

    def check(self) -> None:
        self.session.check()
        if self.handshake is not None:
            self.handshake.check()
        counters = lib.dtls_connection_get_statistics(self.connection)
        now = {name: getattr(counters, name) for name, _ in ffi.typeof("dtls_statistics").fields}
        assert all(now[name] >= value for name, value in self.statistics.items())
        self.statistics = now
        assert bool(self.info.connected) or not self.connected or self.over
        assert (lib.dtls_connection_get_failure(self.connection) != ffi.NULL) == self.failed


class Interface(RuleBasedStateMachine):
    """The machine."""

    def __init__(self) -> None:
        super().__init__()
        self.now = SECOND
        self.payloads = 0
        self.honest = True
        """Nobody has ended a connection, given a wrong answer, or changed a datagram."""
        self.parties: dict[str, Party] = {}

    # What holds everything together.

    def time(self) -> Any:
        return {"monotonic_ns": self.now, "calendar_s": 1767225600}

    def other(self, party: Party) -> Party:
        return self.parties["server" if party.role == "client" else "client"]

    def take_out(self, party: Party) -> None:
        event, length, path = ffi.new("dtls_event *"), ffi.new("size_t *"), ffi.new("uint64_t *")
        out = ffi.new("uint8_t[]", 1500)
        more = True
        while more:
            more = False
            while (result := lib.dtls_poll_event(party.connection, event)) == lib.DTLS_OK:
                self.take_event(party, event)
                more = True
            assert result == lib.DTLS_NOTHING
            while (
                result := lib.dtls_poll_datagram(party.connection, self.time(), out, len(out), length, path)
            ) == lib.DTLS_OK:
                assert 0 < length[0] <= (party.choice.mtu or 1200)
                self.other(party).inbox.append(Flying(ffi.buffer(out, length[0])[:]))
                more = True
            assert result == lib.DTLS_NOTHING

    def take_event(self, party: Party, event: Any) -> None:
        ffi.buffer(event.bytes.data, event.bytes.len)[:]
        if event.kind == lib.DTLS_EVENT_CONNECTED:
            assert not party.connected
            party.connected = True
        elif event.kind == lib.DTLS_EVENT_FAILED:
            assert not party.failed
            party.failed = True
        elif event.kind in QUESTIONS:
            assert party.question == 0
            party.question = event.kind

    def answer(self, party: Party, right: bool) -> None:
        """Answers the question that waits; there must be one, or the library says so."""
        asked, over = party.question, party.over
        kinds = {
            lib.DTLS_EVENT_LOOK_UP_PSK: self.answer_psk,
            lib.DTLS_EVENT_LOOK_UP_SESSION: self.answer_session,
        }
        for kind, give in kinds.items():
            expected = lib.DTLS_OK if kind == asked and not over else lib.DTLS_ERROR_STATE
            assert give(party, right) == expected
            party.question = 0 if kind == asked else party.question
            if kind == asked:
                self.honest = self.honest and right
        self.take_out(party)

    def answer_psk(self, party: Party, right: bool) -> int:
        key, name = (KEY, b"me") if right else (KEY[::-1], b"you")
        identity = party.span(name if party.role == "client" else b"")
        result: int = lib.dtls_answer_psk(party.connection, self.time(), identity, party.span(key))
        return result

    def answer_session(self, party: Party, right: bool) -> int:
        states = party.states or [b""]
        state = party.span(states[-1] if right else b"no session")
        result: int = lib.dtls_answer_session(party.connection, self.time(), state)
        return result

    def receive(self, party: Party, flying: list[Flying]) -> None:
        """Gives a batch; what comes out must be what was sent, and comes once."""
        self.now += 1_000_000
        buffers = [ffi.new("uint8_t[]", one.data or b"\0") for one in flying]
        batch = ffi.new(
            "dtls_datagram[]",
            [{"bytes": b, "len": len(one.data), "path": 0} for b, one in zip(buffers, flying, strict=True)],
        )
        out, count, taken = ffi.new("dtls_plaintext[3]"), ffi.new("size_t *"), ffi.new("size_t *")
        was_over, at, found = party.over, 0, []
        while at < len(flying):
            count[0] = 3
            result = lib.dtls_receive(
                party.connection, self.time(), batch + at, len(flying) - at, out, count, taken
            )
            assert result == (lib.DTLS_ERROR_STATE if party.failed else lib.DTLS_OK)
            if result != lib.DTLS_OK:
                break
            found += [ffi.buffer(one.data, one.len)[:] for one in out[0 : count[0]]]
            assert count[0] == 3 or taken[0] == len(flying) - at
            at += taken[0]
            self.take_out(party)
        self.count(party, flying, found, party.connected and not was_over)

    def count(self, party: Party, flying: list[Flying], found: list[bytes], open_: bool) -> None:
        sent = self.other(party).sent
        for payload in found:
            assert payload in sent.numbers
            assert payload not in sent.received, "the same data twice"
            sent.received[payload] = sent.numbers[payload]
        for one in flying:
            if not one.payload or one.changed or not open_ or party.over:
                continue
            fresh = one.number > sent.newest - WINDOW
            assert one.payload in sent.received or not fresh, "data that came was not given out"
            sent.newest = max(sent.newest, one.number)

    # What an application, a network, and a clock do.

    @initialize(choice=CHOICES)
    def begin(self, choice: Choice) -> None:
        self.parties = {role: Party(role, choice) for role in ("client", "server")}
        if "connection_id" in choice.extensions:
            for party in self.parties.values():
                identifier = party.span(party.role.encode())
                assert lib.dtls_set_connection_id(party.connection, identifier) == lib.DTLS_OK

    def start(self, party: Party) -> int:
        result: int = lib.dtls_connection_start(party.connection, self.time())
        self.take_out(party)
        return result

    @rule(role=st.sampled_from(("client", "server")))
    def starts(self, role: str) -> None:
        assert self.start(self.parties[role]) in (lib.DTLS_OK, lib.DTLS_ERROR_STATE)
        assert self.start(self.parties[role]) == lib.DTLS_ERROR_STATE or role == "server"

    @rule(
        role=st.sampled_from(("client", "server")),
        which=st.integers(0, 5),
        fate=st.sampled_from(("give", "give", "give", "give", "lose", "double", "change")),
        place=st.integers(0, 2000),
    )
    def network(self, role: str, which: int, fate: str, place: int) -> None:
        party = self.parties[role]
        if not party.inbox:
            return
        one = party.inbox.pop(which % len(party.inbox))
        if fate == "lose":
            return
        if fate == "double":
            party.inbox.append(one)
        if fate == "change":
            altered = bytearray(one.data)
            altered[place % len(altered)] ^= 1 << place % 8
            one = Flying(bytes(altered), one.payload, one.number, changed=True)
            self.honest = False
        self.receive(party, [one])

    @rule(role=st.sampled_from(("client", "server")), most=st.integers(1, 8))
    def batch(self, role: str, most: int) -> None:
        party = self.parties[role]
        given, party.inbox = party.inbox[:most], party.inbox[most:]
        self.receive(party, given)

    @rule(role=st.sampled_from(("client", "server")), right=st.sampled_from((True, True, True, False)))
    def answers(self, role: str, right: bool) -> None:
        self.answer(self.parties[role], right)

    @rule(role=st.sampled_from(("client", "server")), early=st.booleans())
    def time_passes(self, role: str, early: bool) -> None:
        party = self.parties[role]
        deadline = lib.dtls_deadline(party.connection)
        if deadline == NO_DEADLINE:
            return
        self.now = max(self.now, deadline - 1 if early else deadline)
        expected = lib.DTLS_ERROR_STATE if party.failed else lib.DTLS_OK
        assert lib.dtls_timeout(party.connection, self.time()) == expected
        self.take_out(party)
        assert early or lib.dtls_deadline(party.connection) > self.now
        # Three minutes without an end, and the handshake has failed.
        self.honest = self.honest and not party.failed

    @rule(role=st.sampled_from(("client", "server")), length=st.integers(0, 300))
    def writes(self, role: str, length: int) -> None:
        party = self.parties[role]
        self.payloads += 1
        payload = self.payloads.to_bytes(4, "big") + bytes(length)
        out, made = ffi.new("uint8_t[]", 800), ffi.new("size_t *")
        most = lib.dtls_max_data(party.connection)
        result = lib.dtls_write(party.connection, self.time(), payload, len(payload), out, len(out), made)
        if not party.connected or party.over:
            assert result == lib.DTLS_ERROR_STATE
        elif len(payload) > most:
            assert result == lib.DTLS_ERROR_ARGUMENT
        else:
            assert result == lib.DTLS_OK
            self.send(party, payload, ffi.buffer(out, made[0])[:])

    def send(self, party: Party, payload: bytes, record: bytes) -> None:
        number = len(party.sent.numbers) + 1
        party.sent.numbers[payload] = number
        self.other(party).inbox.append(Flying(record, payload, number))

    @rule(
        role=st.sampled_from(("client", "server")),
        lengths=st.lists(st.integers(0, 90), min_size=1, max_size=4),
    )
    def protects(self, role: str, lengths: list[int]) -> None:
        party = self.parties[role]
        head, tail, done = ffi.new("size_t *"), ffi.new("size_t *"), ffi.new("size_t *")
        lib.dtls_record_overhead(party.connection, head, tail)
        payloads, blocks = [], []
        for length in lengths:
            self.payloads += 1
            payloads.append(self.payloads.to_bytes(4, "big") + bytes(length))
            blocks.append(Block(head[0] + len(payloads[-1]) + tail[0]))
            ffi.memmove(blocks[-1].memory + head[0], payloads[-1], len(payloads[-1]))
        records = ffi.new(
            "dtls_record_buffer[]",
            [
                {"bytes": b.memory, "capacity": b.size, "len": len(p)}
                for b, p in zip(blocks, payloads, strict=True)
            ],
        )
        result = lib.dtls_protect(party.connection, self.time(), records, len(blocks), done)
        assert result == (lib.DTLS_OK if party.connected and not party.over else lib.DTLS_ERROR_STATE)
        for block, payload, record in zip(blocks, payloads, records, strict=True):
            block.check()
            if result == lib.DTLS_OK:
                assert record.len <= block.size
                self.send(party, payload, ffi.buffer(record.bytes, record.len)[:])

    @rule(role=st.sampled_from(("client", "server")))
    def exports(self, role: str) -> None:
        party = self.parties[role]
        out, made = ffi.new("uint8_t[]", lib.DTLS_SESSION_STATE_SIZE), ffi.new("size_t *")
        result = lib.dtls_session_export(party.connection, out, len(out), made)
        usable = party.connected and not party.failed and party.choice.resumption
        assert result in (
            (lib.DTLS_OK, lib.DTLS_NOTHING, lib.DTLS_ERROR_STATE) if usable else (lib.DTLS_ERROR_STATE,)
        )
        if result == lib.DTLS_OK:
            party.states.append(ffi.buffer(out, made[0])[:])
        both = []
        for one in self.parties.values():
            label, key = ffi.new("char[]", b"EXPORTER-test"), ffi.new("uint8_t[32]")
            good = lib.dtls_export_keying_material(one.connection, label, ffi.NULL, key, 32)
            assert good == (lib.DTLS_OK if one.connected and not one.failed else lib.DTLS_ERROR_STATE)
            both.append(ffi.buffer(key)[:])
        if all(one.connected and not one.failed for one in self.parties.values()):
            assert both[0] == both[1]

    @rule(role=st.sampled_from(("client", "server")))
    def moves(self, role: str) -> None:
        """Export, and import into another block."""
        party = self.parties[role]
        out, made = ffi.new("uint8_t[]", lib.DTLS_CONNECTION_STATE_SIZE), ffi.new("size_t *")
        usable = party.connected and not party.over
        result = lib.dtls_connection_export(party.connection, self.time(), out, len(out), made)
        assert result in ((lib.DTLS_OK, lib.DTLS_ERROR_STATE) if usable else (lib.DTLS_ERROR_STATE,))
        if result != lib.DTLS_OK:
            return
        lib.dtls_connection_wipe(party.connection)
        session = Block(party.session.size)
        where = ffi.new("dtls_connection **")
        state = {"data": out, "len": made[0]}
        assert (
            lib.dtls_connection_import(party.config, self.time(), state, session.memory, session.size, where)
            == lib.DTLS_OK
        )
        party.session.check()
        if party.handshake is not None:
            party.handshake.check()
        party.session, party.connection, party.handshake = session, where[0], None
        party.statistics = {}

    @rule(role=st.sampled_from(("client", "server")))
    def takes_memory(self, role: str) -> None:
        party = self.parties[role]
        memory = lib.dtls_connection_take_handshake_memory(party.connection)
        if memory == ffi.NULL:
            return
        assert party.handshake is not None
        assert memory == party.handshake.memory
        assert party.connected or party.over
        assert not any(ffi.buffer(memory, party.handshake.size)[:]), "it was not wiped"
        party.handshake.check()
        party.handshake = None

    @rule(role=st.sampled_from(("client", "server")), mtu=st.sampled_from((0, 127, 128, 300, 1200, 70000)))
    def path_is_known(self, role: str, mtu: int) -> None:
        party = self.parties[role]
        result = lib.dtls_set_path_mtu(party.connection, mtu)
        allowed = {lib.DTLS_ERROR_STATE} if party.failed else {lib.DTLS_OK}
        assert result in allowed | ({lib.DTLS_ERROR_ARGUMENT} if mtu < 300 else set())
        result = lib.dtls_set_round_trip(party.connection, mtu * 1000)
        assert result in ((lib.DTLS_OK, lib.DTLS_ERROR_STATE) if mtu else (lib.DTLS_ERROR_ARGUMENT,))
        self.take_out(party)

    @rule(role=st.sampled_from(("client", "server")), alert=st.sampled_from((0, 0, 0, 90, 255, 256)))
    def ends(self, role: str, alert: int) -> None:
        """By close_notify (0), or by an alert."""
        party = self.parties[role]
        if not all(one.connected for one in self.parties.values()):
            return
        if alert == 0:
            result, allowed = (
                lib.dtls_close(party.connection, self.time()),
                (lib.DTLS_OK, lib.DTLS_ERROR_STATE),
            )
        else:
            wrong = alert > 255
            result = lib.dtls_abort(party.connection, self.time(), alert)
            allowed = (lib.DTLS_ERROR_ARGUMENT,) if wrong else (lib.DTLS_OK, lib.DTLS_ERROR_STATE)
        assert result in allowed
        self.honest = self.honest and result < 0
        self.take_out(party)

    @rule()
    def begins_again(self) -> None:
        """Two new connections; the client offers what it has kept, and the server knows what it has."""
        if not any(party.over for party in self.parties.values()):
            return
        old, self.honest = self.parties, True
        choice = old["client"].choice
        for party in old.values():
            lib.dtls_connection_wipe(party.connection)
            lib.dtls_connection_wipe(party.connection)
        self.begin(choice)
        for role, party in self.parties.items():
            party.states = old[role].states
        client = self.parties["client"]
        if client.states and choice.resumption:
            state = client.span(client.states[-1])
            result = lib.dtls_connection_offer_session(client.connection, self.time(), state)
            assert result in (lib.DTLS_OK, lib.DTLS_NOTHING)

    @rule()
    def network_works(self) -> None:
        """For as long as it takes to connect, so that much happens to connections, too."""
        if self.honest and not any(party.over for party in self.parties.values()):
            self.come_to_rest()

    @invariant()
    def nothing_is_broken(self) -> None:
        for party in self.parties.values():
            party.check()

    def teardown(self) -> None:
        """The network works from now on: the handshake ends, and data passes."""
        if not self.parties:
            return
        if self.honest and not any(party.over for party in self.parties.values()):
            self.come_to_rest()
            assert all(party.connected for party in self.parties.values())
            for role in self.parties:
                self.writes(role, 10)
            self.come_to_rest()
            for party in self.parties.values():
                assert max(party.sent.numbers.values()) in party.sent.received.values()
        for party in self.parties.values():
            lib.dtls_connection_wipe(party.connection)
            party.session.check()

    def come_to_rest(self) -> None:
        for party in self.parties.values():
            self.start(party)
        for _ in range(40):
            for _ in range(20):
                for party in self.parties.values():
                    self.receive(party, party.inbox[:8])
                    party.inbox = party.inbox[8:]
                    if party.question:
                        self.answer(party, right=True)
            if all(party.connected and not party.inbox for party in self.parties.values()):
                return
            first = min(self.parties.values(), key=lambda party: int(lib.dtls_deadline(party.connection)))
            self.time_passes(first.role, early=False)


Interface.TestCase.settings = settings(
    max_examples=400, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
)
TestPublicInterface = Interface.TestCase
