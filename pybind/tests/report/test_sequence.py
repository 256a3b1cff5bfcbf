# SPDX-License-Identifier: MIT
"""The layout of sequence diagrams: what is drawn, in which order, and that nothing overlaps."""

from __future__ import annotations

import itertools
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from dtlslab.report.pages import environment
from dtlslab.report.sequence import GUTTER, PILL, Diagram, diagram_of
from dtlslab.report.steps import MOST_DATAGRAMS, Bulk, Gap, steps_of
from dtlslab.trace.events import Event
from hypothesis import given, settings
from hypothesis import strategies as st

from .synthetic import Handshake, Json, at_random, record


def events(items: list[Json]) -> list[Event]:
    return [Event(**item) for item in items]


def diagram(shake: Handshake) -> Diagram:
    return diagram_of(events(shake.run()))


def svg(drawn: Diagram) -> Xml.Element:
    return Xml.fromstring(environment().get_template("sequence.svg.j2").render(d=drawn))


def lose(*numbers: int, reason: str = "loss") -> Handshake:
    return Handshake(lambda number: reason if number in numbers else "")


def boxes(drawn: Diagram) -> list[tuple[float, float, float, float, str]]:
    """All texts that stand between the lifelines: left, top, right, bottom."""
    found = [
        (pill.x, pill.y, pill.x + pill.width, pill.y + PILL, pill.text)
        for arrow in drawn.arrows
        for pill in arrow.pills
    ]
    found += [(chip.x, chip.y, chip.x + chip.width, chip.y + PILL, chip.text) for chip in drawn.chips]
    found += [(s.x, s.y, s.x + s.width, s.y + s.height, s.lines[0]) for s in drawn.separators]
    for band in drawn.bands:
        left = band.label_x if band.label_anchor == "start" else band.label_x - 90
        if band.label:
            found.append((left, band.y + 3, left + 90, band.y + 16, band.label))
    return found


def assert_nothing_overlaps(drawn: Diagram) -> None:
    for one, other in itertools.combinations(boxes(drawn), 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (one, other)
    for x in {label.x for label in drawn.times}:
        column = sorted(label.y for label in drawn.times if label.x == x)
        assert all(after - before >= 11 for before, after in itertools.pairwise(column)), column


def test_a_clean_handshake_has_six_flights_in_order() -> None:
    drawn = diagram(Handshake())
    assert [band.label for band in drawn.bands] == [f"Flight {n}" for n in range(1, 7)]
    assert [line.name for line in drawn.lifelines] == ["client", "server"]
    assert all(arrow.kind == "delivered" and not arrow.retransmission for arrow in drawn.arrows)
    assert [chip.kind for chip in drawn.chips] == ["good", "good"]


def test_fragments_are_named_with_their_bytes() -> None:
    texts = [pill.text for arrow in diagram(Handshake()).arrows for pill in arrow.pills]
    assert "Certificate 0–380/1180" in texts
    assert "Certificate 380–892/1180" in texts
    assert "ServerHelloDone" in texts


def test_encrypted_records_carry_a_lock() -> None:
    pills = [pill for arrow in diagram(Handshake()).arrows for pill in arrow.pills]
    assert {pill.text for pill in pills if pill.icon == "lock"} == {"Finished"}


def test_a_lost_datagram_ends_before_the_other_lifeline_and_says_why() -> None:
    drawn = diagram(lose(2, reason="queue"))
    lost = [arrow for arrow in drawn.arrows if arrow.kind == "lost"]
    assert [arrow.note for arrow in lost] == ["lost: queue"]
    assert lost[0].x2 < drawn.right - 100


def test_a_datagram_dropped_by_a_hook_is_marked_apart_from_a_lost_one() -> None:
    drawn = diagram(lose(2, reason="hook:the second ClientHello never leaves"))
    dropped = [arrow for arrow in drawn.arrows if arrow.kind == "dropped"]
    assert [arrow.note for arrow in dropped] == ["dropped: the second ClientHello never leaves"]


def test_a_retransmission_follows_its_timer_and_is_dashed() -> None:
    drawn = diagram(lose(0))
    assert [arrow.retransmission for arrow in drawn.arrows][:3] == [False, True, False]
    assert drawn.chips[0].text == "timer expired after 1.000 s"
    assert drawn.arrows[0].y1 < drawn.chips[0].y < drawn.arrows[1].y1
    assert "Flight 1 again" in [band.label for band in drawn.bands]
    assert drawn.arrows[1].pills[0].icon == "again"


def test_times_stand_beside_the_lifelines_once_for_each_moment() -> None:
    drawn = diagram(Handshake())
    left = [label.text for label in drawn.times if label.x < GUTTER]
    assert left == ["0.000", "30.000", "60.000", "90.000"]


def test_an_overtaken_datagram_arrives_below_what_overtook_it() -> None:
    def sent(time: float, number: int) -> Json:
        data = {"datagram_id": number, "to": "server", "length": 9, "records": [record("alert")]}
        return {"time": time, "name": "dtls:datagram_sent", "endpoint": "client", "data": data}

    def received(time: float, number: int) -> Json:
        data = {"datagram_id": number, "from": "client"}
        return {"time": time, "name": "dtls:datagram_received", "endpoint": "server", "data": data}

    drawn = diagram_of(events([sent(0, 1), sent(1, 2), received(5, 2), received(9, 1)]))
    first, second = drawn.arrows
    assert first.y1 < second.y1
    assert first.y2 > second.y2


def test_every_lifeline_shows_its_events_in_order() -> None:
    for seed in range(30):
        shake = Handshake(at_random(0.3, seed))
        drawn = diagram(shake)
        order = [(arrow.y1, arrow.y2) for arrow in drawn.arrows]
        assert all(y2 > y1 for y1, y2 in order)
        starts = [y1 for y1, _ in order]
        assert starts == sorted(starts)


@pytest.mark.parametrize("seed", range(40))
def test_texts_never_overlap(seed: int) -> None:
    shake = Handshake(at_random(0.25, seed))
    shake.run()
    shake.echo(20)
    shake.close()
    assert_nothing_overlaps(diagram_of(events(shake.events)))


def test_application_data_is_folded_and_counted() -> None:
    shake = Handshake()
    shake.run()
    shake.echo(1024)
    shake.close()
    steps = steps_of(events(shake.events))
    bulks = [step for step in steps if isinstance(step, Bulk)]
    assert len(bulks) == 1
    assert bulks[0].directions[0].text == "application data × 1,024 datagrams, 1 MiB"
    drawn = diagram_of(events(shake.events))
    assert len([arrow for arrow in drawn.arrows if arrow.kind == "bulk"]) == 2
    assert len(drawn.arrows) < 15


def test_a_few_datagrams_of_data_are_drawn_one_by_one() -> None:
    shake = Handshake()
    shake.run()
    shake.echo(2)
    assert not [step for step in steps_of(events(shake.events)) if isinstance(step, Bulk)]


def test_the_middle_of_a_long_trace_is_left_out_and_counted() -> None:
    shake = Handshake()
    for _ in range(400):
        shake.send("client", [record("handshake")], lambda: None)
    while shake.queue:
        shake.queue.pop()[2]()
    steps = steps_of(events(shake.events))
    gaps = [step for step in steps if isinstance(step, Gap)]
    assert [gap.datagrams for gap in gaps] == [400 - MOST_DATAGRAMS]
    drawn = diagram_of(events(shake.events))
    assert len(drawn.arrows) == MOST_DATAGRAMS
    assert "250 datagrams" in drawn.separators[0].lines[0]


def test_duplicates_replacements_and_injections_start_on_the_way() -> None:
    shake = Handshake()
    shake.run()
    first = shake.events[0]["data"]
    more: list[Json] = [
        {"time": 0.0, "name": "dtls:datagram_changed", "endpoint": "client"}
        | {"data": {**first, "datagram_id": 901, "original_id": 0, "trigger": "twice"}},
        {"time": 15.0, "name": "dtls:datagram_received", "endpoint": "server"}
        | {"data": {"datagram_id": 901, "from": "client"}},
        {"time": 16.0, "name": "dtls:datagram_injected", "endpoint": "client"}
        | {"data": {**first, "datagram_id": 902}},
    ]
    drawn = diagram_of(events(shake.events + more))
    started = [arrow for arrow in drawn.arrows if arrow.from_network]
    assert [arrow.pills[-1].text for arrow in started] == ["twice", "injected"]
    assert drawn.arrows[0].kind == "delivered"
    assert_nothing_overlaps(drawn)


def test_what_never_left_because_other_bytes_did_is_shown_as_replaced() -> None:
    sent = {"datagram_id": 1, "to": "server", "length": 100, "records": [record("handshake")]}
    changed = {**sent, "datagram_id": 2, "original_id": 1, "length": 97, "trigger": "truncated"}
    drawn = diagram_of(
        [
            Event(time=0, name="dtls:datagram_sent", endpoint="client", data=sent),
            Event(time=0, name="dtls:datagram_changed", endpoint="client", data=changed),
            Event(time=9, name="dtls:datagram_received", endpoint="server", data={"datagram_id": 2}),
        ]
    )
    assert [arrow.kind for arrow in drawn.arrows] == ["replaced", "delivered"]
    assert [pill.text for pill in drawn.arrows[1].pills][1:] == ["truncated", "100 → 97 bytes"]


def test_what_a_script_sends_for_an_endpoint_that_it_plays_is_drawn_as_sent() -> None:
    data = {"datagram_id": 1, "to": "client", "length": 9, "flight": 2, "records": [record("handshake")]}
    drawn = diagram_of([Event(time=0, name="dtls:datagram_injected", endpoint="tester", data=data)])
    assert not drawn.arrows[0].from_network
    assert [band.label for band in drawn.bands] == ["Flight 2"]
    assert [pill.text for pill in drawn.arrows[0].pills] == ["Handshake"]


def test_a_timer_that_fires_at_once_is_no_news() -> None:
    names: list[Json] = [{"event_type": "set", "deadline": 5.0}, {"event_type": "expired"}]
    items = [Event(time=5, name="dtls:timer_updated", endpoint="client", data=data) for data in names]
    assert diagram_of(items).chips == []


def test_long_remarks_take_several_lines() -> None:
    message = "a remark that goes on and on " * 6
    drawn = diagram_of([Event(time=0, name="simulation:marker", data={"message": message})])
    assert len(drawn.separators[0].lines) == 3
    assert drawn.separators[0].width < drawn.right - drawn.left


def test_three_endpoints_have_three_lifelines_with_the_server_last() -> None:
    items = [
        {"time": 0.0, "name": "dtls:datagram_sent", "endpoint": name}
        | {"data": {"datagram_id": name, "to": "server", "length": 1}}
        for name in ("client-1", "client-2")
    ]
    drawn = diagram_of(events(items))
    assert [line.name for line in drawn.lifelines] == ["client-1", "client-2", "server"]


def test_alerts_that_no_datagram_shows_are_noted() -> None:
    alert = {"level": "fatal", "description": "bad_certificate"}
    drawn = diagram_of([Event(time=1, name="dtls:alert_sent", endpoint="server", data=alert)])
    assert [chip.text for chip in drawn.chips] == ["sent alert fatal bad_certificate"]
    assert drawn.chips[0].kind == "bad"


def test_an_empty_trace_is_an_empty_diagram() -> None:
    drawn = diagram_of([])
    assert drawn.empty
    svg(drawn)


def test_the_template_draws_every_arrow_and_text() -> None:
    root = svg(diagram(lose(2)))
    names = [element.get("class", "") for element in root.iter("{http://www.w3.org/2000/svg}g")]
    assert sum(name.startswith("arrow lost") for name in names) == 1
    assert any("again" in name for name in names)
    texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"ClientHello", "Flight 1", "lost", "client"} <= texts


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)
fields = st.sampled_from(
    [
        "datagram_id",
        "original_id",
        "to",
        "from",
        "length",
        "trigger",
        "flight",
        "new",
        "event_type",
        "deadline",
    ]
)
message_fields = st.sampled_from(
    ["type", "fragment_offset", "fragment_length", "length", "cipher_suites", "extensions"]
)
a_record: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {},
    optional={
        "content_type": st.sampled_from(["handshake", "alert", "application_data"]) | values,
        "encrypted": st.booleans(),
        "epoch": values,
        "alert": st.dictionaries(st.sampled_from(["level", "description"]), values) | values,
        "messages": st.lists(st.dictionaries(message_fields, values), max_size=3) | values,
    },
)
event_data: st.SearchStrategy[Any] = st.builds(
    lambda data, records, number: data | {"records": records} | number,
    st.dictionaries(fields, values, max_size=5),
    st.lists(a_record, max_size=3) | values,
    st.fixed_dictionaries({}, optional={"datagram_id": st.integers(0, 3), "original_id": st.integers(0, 3)}),
)
event_names = st.sampled_from(
    [
        "dtls:datagram_sent",
        "dtls:datagram_received",
        "dtls:datagram_lost",
        "dtls:datagram_dropped",
        "dtls:datagram_changed",
        "dtls:datagram_injected",
        "dtls:timer_updated",
        "dtls:connection_state_updated",
        "dtls:alert_sent",
        "dtls:alert_received",
        "dtls:data_sent",
        "simulation:marker",
        "simulation:scenario",
    ]
)
any_event = st.builds(
    Event,
    time=st.floats(allow_nan=False, allow_infinity=False),
    name=event_names | st.text(),
    endpoint=st.sampled_from(["client", "server", "third", ""]) | st.text(max_size=40),
    data=event_data,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(any_event, max_size=20))
def test_any_list_of_events_gives_valid_xml(some: list[Event]) -> None:
    drawn = diagram_of(some)
    assert svg(drawn).tag == "{http://www.w3.org/2000/svg}svg"
