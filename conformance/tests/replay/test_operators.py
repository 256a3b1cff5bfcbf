# SPDX-License-Identifier: MIT
"""Each operator changes what it says, and nothing else."""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from dtlslab.errors import BadInput
from dtlslab_conformance.replay.mutate import draw_mutations, honest_script, sample_mutations
from dtlslab_conformance.replay.mutation import Mutation, Parameter
from dtlslab_conformance.replay.operators import OPERATORS, find_operator, select_operators
from dtlslab_conformance.replay.recording import Recording
from scapy_dtls import ClientHello, Reassembler, ServerHello

Sent = list[tuple[float, bytes]]
SendsOf = Callable[..., Sent]

_SPEC = importlib.util.spec_from_file_location("replay_helpers", Path(__file__).with_name("conftest.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
helpers = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(helpers)
records_of, messages_of = helpers.records_of, helpers.messages_of


def mutated(name: str, place: str, **parameters: Parameter) -> Mutation:
    return Mutation(name, place, dict(parameters))


def both(sends_of: SendsOf, role: str, mutation: Mutation) -> tuple[list[bytes], list[bytes]]:
    """What is sent without and with a mutation."""
    clean = [data for _, data in sends_of(role)]
    changed = [data for _, data in sends_of(role, mutation)]
    return clean, changed


def differing_bits(a: bytes, b: bytes) -> list[int]:
    assert len(a) == len(b)
    return [8 * i + bit for i in range(len(a)) for bit in range(8) if (a[i] ^ b[i]) & (0x80 >> bit)]


def test_drop(sends_of: SendsOf) -> None:
    clean, changed = both(sends_of, "client", mutated("drop", "5/datagram[0]"))
    assert changed[:2] == clean[:2]
    assert clean[2] not in changed


def test_duplicate(sends_of: SendsOf) -> None:
    clean, changed = both(sends_of, "client", mutated("duplicate", "5/datagram[0]", times=3))
    assert changed[2:6] == [clean[2]] * 4


def test_reorder_swaps_records(sends_of: SendsOf) -> None:
    clean, changed = both(sends_of, "client", mutated("reorder", "5/datagram[0]/record[0]", by=1))
    first, second, *rest = records_of(clean[2])
    assert records_of(changed[2]) == [second, first, *rest]


def test_reorder_swaps_datagrams(sends_of: SendsOf) -> None:
    clean = [d for _, d in sends_of("server", None, "gnutls-certificate")]
    changed = [
        d for _, d in sends_of("server", mutated("reorder", "4/datagram[0]", by=2), "gnutls-certificate")
    ]
    assert changed[1:5] == [clean[3], clean[2], clean[1], clean[4]]


def test_delay(sends_of: SendsOf) -> None:
    clean, changed = sends_of("client"), sends_of("client", mutated("delay", "5/datagram[0]", seconds=0.3))
    assert changed[2][1] == clean[2][1]
    assert changed[2][0] == pytest.approx(clean[2][0] + 0.3)


def test_split_and_merge_keep_the_records(sends_of: SendsOf) -> None:
    clean, changed = both(sends_of, "server", mutated("split", "4/datagram[0]"))
    assert changed[1:5] == records_of(clean[1])
    one = [d for _, d in sends_of("server", None, "gnutls-certificate")]
    joined = [d for _, d in sends_of("server", mutated("merge", "4/datagram[0]"), "gnutls-certificate")]
    assert joined[1] == b"".join(one[1:5])


@pytest.mark.parametrize("order", ["forward", "backward", "inside-out"])
def test_refragment_keeps_the_message(order: str, sends_of: SendsOf) -> None:
    clean, changed = both(sends_of, "server", mutated("refragment", "Certificate", size=100, order=order))
    before = next(m for m in messages_of(clean) if m.msg_type == 11)
    pieces = [m for m in messages_of(changed) if m.msg_type == 11]
    assert all(p.fragment_length <= 100 for p in pieces)
    assert len(pieces) == -(-before.length // 100)
    offsets = [p.fragment_offset for p in pieces]
    assert (offsets == sorted(offsets)) is (order == "forward")
    joined = Reassembler()
    wholes = [whole for piece in pieces if (whole := joined.add(piece)) is not None]
    assert [bytes(w) for w in wholes] == [bytes(before)]
    others = [bytes(m) for m in messages_of(changed) if m.msg_type != 11]
    assert others == [bytes(m) for m in messages_of(clean) if m.msg_type != 11]


def test_refragment_makes_no_datagram_that_some_path_does_not_carry(sends_of: SendsOf) -> None:
    clean, changed = both(sends_of, "server", mutated("refragment", "Certificate", size=16, order="forward"))
    assert sum(map(len, changed)) > 1232 > max(map(len, clean))
    assert max(map(len, changed)) <= 1232
    assert len(changed) > len(clean)


def test_overlap(sends_of: SendsOf) -> None:
    clean, changed = both(sends_of, "server", mutated("overlap", "ServerHello", bytes=10, whole=0))
    pieces = [m for m in messages_of(changed) if m.msg_type == 2]
    first, second = pieces
    assert first.fragment_offset + first.fragment_length - second.fragment_offset == 20
    assert all(bytes(p.payload) in bytes(messages_of(clean)[1]) for p in pieces)


def test_wrong_message_seq(sends_of: SendsOf) -> None:
    clean, changed = both(sends_of, "server", mutated("wrong-message-seq", "Certificate", by=100))
    assert [m.message_seq for m in messages_of(clean[1:2])] == [1, 2, 3, 4]
    assert [m.message_seq for m in messages_of(changed[1:2])] == [1, 102, 3, 4]


def test_wrong_fragment_header(sends_of: SendsOf) -> None:
    place = mutated("wrong-fragment-header", "ServerHelloDone", field="fragment_offset", value=7)
    clean, changed = both(sends_of, "server", place)
    assert differing_bits(clean[1], changed[1]) == [8 * (len(clean[1]) - 4) + bit for bit in (5, 6, 7)]


def test_contradict(sends_of: SendsOf) -> None:
    _, changed = both(sends_of, "server", mutated("contradict", "ServerHello", field="length"))
    first, second = (m for m in messages_of(changed[1:2]) if m.msg_type == 2)
    assert second.length > first.length + 16
    assert (second.message_seq, second.msg_type) == (first.message_seq, first.msg_type)


@pytest.mark.parametrize(
    ("mutation", "at", "value"),
    [
        (mutated("wrong-epoch", "4/datagram[0]/record[0]", value=2), slice(3, 5), 2),
        (mutated("wrong-sequence-number", "4/datagram[0]/record[0]", value=1000), slice(5, 11), 1000),
        (
            mutated("wrong-record-header", "4/datagram[0]/record[0]", field="length", value=1),
            slice(11, 13),
            1,
        ),
        (mutated("wrong-record-header", "4/datagram[0]/record[0]", field="version", value=3), slice(1, 3), 3),
        (
            mutated("wrong-record-header", "4/datagram[0]/record[0]", field="content_type", value=99),
            slice(0, 1),
            99,
        ),
    ],
    ids=str,
)
def test_record_headers(mutation: Mutation, at: slice, value: int, sends_of: SendsOf) -> None:
    clean, changed = both(sends_of, "server", mutation)
    assert int.from_bytes(changed[1][at], "big") == value
    restored = bytearray(changed[1])
    restored[at] = clean[1][at]
    assert bytes(restored) == clean[1]


def test_a_number_used_before(sends_of: SendsOf) -> None:
    clean, changed = both(
        sends_of, "server", mutated("wrong-sequence-number", "4/datagram[0]/record[1]", value=-1)
    )
    numbers = [int.from_bytes(r[5:11], "big") for r in records_of(changed[1])]
    assert numbers[1] == numbers[0]
    assert [r[13:] for r in records_of(changed[1])] == [r[13:] for r in records_of(clean[1])]


def test_flips_are_one_bit(sends_of: SendsOf) -> None:
    clean, changed = both(sends_of, "client", mutated("flip-ciphertext", "5/datagram[0]/record[2]", bit=70))
    start = len(clean[2]) - len(records_of(clean[2])[2]) + 13
    assert differing_bits(clean[2], changed[2]) == [8 * start + 70]
    clean, changed = both(sends_of, "server", mutated("flip-header", "4/datagram[0]/record[0]", bit=60))
    assert differing_bits(clean[1], changed[1]) == [60]


def test_ends_of_datagrams(sends_of: SendsOf) -> None:
    clean, changed = both(sends_of, "client", mutated("truncate-datagram", "5/datagram[0]", bytes=13))
    assert changed[2] == clean[2][:-13]
    clean, changed = both(
        sends_of, "client", mutated("extend-datagram", "5/datagram[0]", bytes=12, value=255)
    )
    assert changed[2] == clean[2] + b"\xff" * 12


def test_change_field_changes_that_field(sends_of: SendsOf) -> None:
    place = mutated("change-field", "ServerHello.extensions.ec_point_formats.formats", value="codes:0,1,2")
    clean, changed = both(sends_of, "server", place)
    before, after = (next(m.payload for m in messages_of(x) if m.msg_type == 2) for x in (clean, changed))
    assert isinstance(before, ServerHello)
    assert isinstance(after, ServerHello)
    formats = [e for e in after.extensions if e.type == 11]
    assert formats[0].formats == [0, 1, 2]
    assert before.random == after.random
    assert [e.type for e in before.extensions] == [e.type for e in after.extensions]
    others = [e for e in zip(before.extensions, after.extensions, strict=True) if e[0].type != 11]
    assert all(bytes(a) == bytes(b) for a, b in others)


def test_change_field_of_both_hellos(sends_of: SendsOf) -> None:
    _, changed = both(sends_of, "client", mutated("change-field", "ClientHello.session_id", value="hex:0102"))
    hellos = [m.payload for m in messages_of(changed) if m.msg_type == 1]
    assert [isinstance(h, ClientHello) and h.session_id for h in hellos] == [b"\x01\x02", b"\x01\x02"]


def test_wrong_vector_length(sends_of: SendsOf) -> None:
    place = mutated("wrong-vector-length", "ServerHello.session_id_length", value=255)
    clean, changed = both(sends_of, "server", place)
    assert [bit // 8 for bit in differing_bits(clean[1], changed[1])][:1] == [13 + 12 + 34]
    assert changed[1][13 + 12 + 34] == 255


def test_truncate_and_extend_messages(sends_of: SendsOf) -> None:
    clean, cut = both(sends_of, "server", mutated("truncate", "ServerHello", bytes=5))
    _, longer = both(sends_of, "server", mutated("extend", "ServerHello", bytes=3, value=7))
    whole, short, long = (bytes(messages_of(x[1:2])[0]) for x in (clean, cut, longer))
    assert short[12:] == whole[12:-5]
    assert long[12:] == whole[12:] + b"\x07\x07\x07"
    for wire in (whole, short, long):
        assert int.from_bytes(wire[1:4], "big") == int.from_bytes(wire[9:12], "big") == len(wire) - 12


def test_bits_of_messages(sends_of: SendsOf) -> None:
    for name in ("flip-plaintext", "tamper"):
        place = "ServerHello" if name == "flip-plaintext" else "4/ServerHello"
        clean, changed = both(sends_of, "server", mutated(name, place, bit=100))
        before, after = (bytes(messages_of(x[1:2])[0]) for x in (clean, changed))
        assert differing_bits(before[12:], after[12:]) == [100]


def test_insert_repeat_omit_number_in_sequence(sends_of: SendsOf) -> None:
    clean, inserted = both(sends_of, "server", mutated("insert-message", "4/Certificate", msg_type=77))
    _, repeated = both(sends_of, "server", mutated("repeat-message", "4/ServerHello"))
    _, omitted = both(sends_of, "server", mutated("omit", "4/Certificate"))

    def kinds(x: list[bytes]) -> list[tuple[int, int]]:
        return [(m.msg_type, m.message_seq) for m in messages_of(x[1:2])]

    assert kinds(clean) == [(2, 1), (11, 2), (12, 3), (14, 4)]
    assert kinds(inserted) == [(2, 1), (77, 2), (11, 3), (12, 4), (14, 5)]
    assert kinds(repeated) == [(2, 1), (2, 2), (11, 3), (12, 4), (14, 5)]
    assert kinds(omitted) == [(2, 1), (12, 2), (14, 3)]
    first, second = messages_of(repeated[1:2])[:2]
    assert bytes(first.payload) == bytes(second.payload)


def test_insert_record_and_garbage(sends_of: SendsOf) -> None:
    place = mutated("insert-record", "4/datagram[0]/record[1]", what="application-data")
    clean, changed = both(sends_of, "server", place)
    before, after = records_of(clean[1]), records_of(changed[1])
    assert after[1][0] == 23
    assert [r[13:] for r in after if r[0] != 23] == [r[13:] for r in before]
    numbers = [int.from_bytes(r[5:11], "big") for r in after]
    assert numbers == list(range(numbers[0], numbers[0] + len(after)))
    clean, changed = both(sends_of, "server", mutated("garbage", "4/datagram[0]", bytes=13, value=255))
    assert changed[1] == b"\xff" * 13
    assert changed[2] == clean[1]


def test_every_operator_is_shown_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in OPERATORS if f'"{name}"' not in text] == []


@pytest.mark.parametrize("role", ["client", "server"])
def test_places_are_distinct_and_apply(role: str, recordings: dict[str, Recording]) -> None:
    for name in ("openssl-certificate", "gnutls-psk"):
        script = honest_script(recordings[name], role)
        for operator in OPERATORS.values():
            found = list(operator.places(script))
            assert max(Counter(str(m) for m in found).values(), default=1) == 1
            for mutation in found[:: max(1, len(found) // 10)]:
                assert operator.apply(script.copy(), mutation).rule


def test_samples_are_spread_and_draws_follow_the_seed(recordings: dict[str, Recording]) -> None:
    recording = recordings["openssl-certificate"]
    operator = find_operator("change-field")
    chosen = sample_mutations(recording, "server", operator, 5)
    assert len(set(map(str, chosen))) == 5
    everything = list(OPERATORS.values())
    first, again, other = (
        list(map(str, draw_mutations(recording, "server", everything, 40, seed))) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_wrong_names_are_refused(recordings: dict[str, Recording]) -> None:
    script = honest_script(recordings["openssl-psk"], "server")
    with pytest.raises(BadInput, match="no operator matches"):
        select_operators(("nothing*",))
    for mutation in (
        mutated("drop", "9/datagram[0]"),
        mutated("truncate", "Certificate", bytes=1),
        mutated("truncate", "ClientHello", bytes="one"),
        mutated("change-field", "ClientHello.nothing", value=1),
        mutated("change-field", "ClientHello.random", value="hex:zz"),
    ):
        with pytest.raises(BadInput):
            find_operator(mutation.operator).apply(script.copy(), mutation)
