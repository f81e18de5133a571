"""Holds a live daemon to Pyroscope's query interface, as clients that share no code with it see it.

Every call of querier.v1 goes out in both encodings over plain HTTP, with and without gzip, and through the Connect
client of PyPI; every plain route by its parameters. What is answered is decoded here and compared: a profile is the
same in every format. HEARTH_URL: the daemon. HEARTH_APPLICATION: an application that is running, whose functions
spend_fifty, spend_thirty and spend_twenty lie under main.
"""

import gzip
import http.client
import json
import os
import sys
import time
import urllib.parse
from collections import Counter

from connectrpc.client import ConnectClientSync
from connectrpc.code import Code
from connectrpc.compat import google_protobuf_binary_codec, google_protobuf_json_codec
from connectrpc.errors import ConnectError
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from google.protobuf import json_format

import messages
import stacks

URL = os.environ["HEARTH_URL"].rstrip("/")
APPLICATION = os.environ["HEARTH_APPLICATION"]
TYPE = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"
SELECTOR = f'{{service_name="{APPLICATION}"}}'
FUNCTIONS = {"spend_fifty", "spend_thirty", "spend_twenty"}
PATH = "/querier.v1.QuerierService/"
EMPTY_LEVELS = [[0, 0, 0, 0]]


# What the wire says.

class Answer:
    def __init__(self, verb, path, body=None, headers=()):
        address = urllib.parse.urlsplit(URL)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        connection.request(verb, path, body, dict(headers))
        response = connection.getresponse()
        self.status, self.headers = response.status, response.headers
        self.body = response.read()
        connection.close()
        self.is_packed = self.headers.get("Content-Encoding") == "gzip"
        if self.is_packed:
            self.body = gzip.decompress(self.body)

    @property
    def json(self):
        assert self.headers["Content-Type"].split(";")[0] == "application/json", self.headers["Content-Type"]
        return json.loads(self.body)


def post(method, body, content_type="application/json", **headers):
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    if content_type:
        fields["Content-Type"] = content_type
    return Answer("POST", PATH + method, body, fields)


def get(path, **parameters):
    return Answer("GET", path + ("?" + urllib.parse.urlencode(parameters) if parameters else ""))


def by_http(method, request, encoding, packed):
    headers = {"Accept_Encoding": "gzip", "Content_Encoding": "gzip"} if packed else {}
    pack = gzip.compress if packed else bytes
    if encoding == "proto":
        answer = post(method, pack(request.SerializeToString()), "application/proto", **headers)
        assert answer.status == 200, (answer.status, answer.body)
        assert answer.headers["Content-Type"] == "application/proto"
        return messages.answer_class(method).FromString(answer.body)
    text = json_format.MessageToJson(request, preserving_proto_field_name=encoding == "json, proto names")
    answer = post(method, pack(text.encode()), "application/json; charset=utf-8", **headers)
    assert answer.status == 200, (answer.status, answer.body)
    assert answer.headers["Content-Type"] == "application/json"
    return json_format.Parse(answer.body, messages.answer_class(method)())


def by_connect(method, request, codec):
    info = MethodInfo(
        name=method, service_name="querier.v1.QuerierService", input=messages.request_class(method),
        output=messages.answer_class(method), idempotency_level=IdempotencyLevel.UNKNOWN,
        stream_type=StreamType.UNARY)
    return ConnectClientSync(URL, codec=codec, timeout_ms=60_000).execute_unary(request=request, method=info)


WAYS = {
    "proto": lambda m, r: by_http(m, r, "proto", False),
    "proto, gzip": lambda m, r: by_http(m, r, "proto", True),
    "json": lambda m, r: by_http(m, r, "json", False),
    "json, gzip": lambda m, r: by_http(m, r, "json", True),
    "json, proto names": lambda m, r: by_http(m, r, "json, proto names", False),
    "Connect client, proto": lambda m, r: by_connect(m, r, google_protobuf_binary_codec()),
    "Connect client, json": lambda m, r: by_connect(m, r, google_protobuf_json_codec()),
}


# The range that all ask about: closed windows, so that nothing changes while the table runs.

def data_range():
    for _ in range(120):
        stats = by_http("GetProfileStats", messages.request("GetProfileStats", {}), "proto", False)
        start, end = stats.oldest_profile_time, stats.newest_profile_time - 4_000
        if stats.data_ingested and end - start >= 10_000:
            return start, end
        time.sleep(1)
    sys.exit(f"conformance: the daemon has no data to ask for: {stats}")


START, END = data_range()
TIME = {"start": START, "end": END}
PROFILE = {"profile_typeID": TYPE, "label_selector": SELECTOR, **TIME}
NOBODY = {**PROFILE, "label_selector": '{service_name="nobody"}'}
STEP = (END - START) // 5  # milliseconds; a multiple of them ends at END, so that no window is left over
SPAN, TRACE, UUID = "0123456789abcdef", "0123456789abcdef" * 2, "01234567-89ab-cdef-0123-456789abcdef"
RANGE = {"from": START, "until": END}
QUERY = {"query": TYPE + SELECTOR, **RANGE}

whole = stacks.of_collapsed(get("/pyroscope/render", format="collapsed", **QUERY).body.decode())
WHOLE = Counter({tuple(name.removesuffix("_[k]") for name in path): value for path, value in whole.items()})
TOTAL = sum(WHOLE.values())
assert TOTAL > 0 and FUNCTIONS <= {name for path in WHOLE for name in path}, "the program was not sampled"


# What answers have to say.

def is_whole(graph):
    levels = [list(level.values) for level in graph.levels]
    assert stacks.of_flamegraph(graph.names, levels) == WHOLE
    assert graph.total == TOTAL and levels[0] == [0, TOTAL, 0, graph.names[:].index("total")]
    assert graph.max_self == max(max(level[2::4]) for level in levels)
    as_nested_set(graph)


def as_nested_set(graph):
    """What Grafana's data source makes of levels: depth first, parents found by place."""
    root = graph.levels[0].values
    assert graph.names[root[0]] == "total"  # it takes the first number for the name
    assert len(root) == 4


def is_nothing(graph):
    assert list(graph.names) == ["total"] and [list(level.values) for level in graph.levels] == EMPTY_LEVELS
    assert graph.total == 0 and graph.max_self == 0


def is_truncated(graph):
    found = stacks.of_flamegraph(graph.names, [list(level.values) for level in graph.levels])
    assert sum(found.values()) == graph.total == TOTAL
    assert "other" in graph.names and sum(len(level.values) // 4 for level in graph.levels) < 40


def is_call_site(graph):
    found = stacks.of_flamegraph(graph.names, [list(level.values) for level in graph.levels])
    assert found == Counter({path: value for path, value in WHOLE.items() if path[:len(SITE)] == SITE})
    assert 0 < graph.total < TOTAL


SITE = next(path[:path.index("spend_fifty") + 1] for path in WHOLE if "spend_fifty" in path)
CALL_SITE = {"call_site": [{"name": name} for name in SITE]}


def is_diff(left, right):
    def check(answer):
        graph = answer.flamegraph
        levels = [list(level.values) for level in graph.levels]
        assert all(len(level) % 7 == 0 for level in levels)
        assert stacks.of_flamegraph(graph.names, levels, 7, 0, 2) == left
        assert stacks.of_flamegraph(graph.names, levels, 7, 3, 5) == right
        assert graph.leftTicks == sum(left.values()) and graph.rightTicks == sum(right.values())
        assert graph.total == graph.leftTicks + graph.rightTicks
    return check


def is_series(answer):
    (line,) = answer.series
    assert not line.labels and sum(point.value for point in line.points) == TOTAL
    times = [point.timestamp for point in line.points]
    assert times == sorted(set(times)) and all((time - START) % STEP == 0 for time in times)
    assert all(point.value > 0 for point in line.points)


def is_grouped(answer):
    totals = [sum(point.value for point in line.points) for line in answer.series]
    assert totals == sorted(totals, reverse=True) and len(totals) > 1
    names = [[(label.name, label.value) for label in line.labels] for line in answer.series]
    assert [("service_name", APPLICATION)] in names
    at = names.index([("service_name", APPLICATION)])
    assert totals[at] == TOTAL


def is_heatmap(answer):
    (line,) = answer.series
    assert all(len(slot.counts) == len(slot.y_min) and sum(slot.counts) > 0 for slot in line.slots)
    assert all(list(slot.y_min) == sorted(slot.y_min) for slot in line.slots)
    assert all((slot.timestamp - START) % STEP == 0 for slot in line.slots)


def has_types(answer):
    (kind,) = [kind for kind in answer.profile_types if kind.ID == TYPE]
    parts = [kind.name, kind.sample_type, kind.sample_unit, kind.period_type, kind.period_unit]
    assert ":".join(parts) == TYPE


def has_services(answer):
    found = [{label.name: label.value for label in labels.labels} for labels in answer.labels_set]
    assert {"service_name": APPLICATION, "__profile_type__": TYPE} in found
    assert len({tuple(sorted(labels.items())) for labels in found}) == len(found)


def has_whole_series(answer):
    for labels in answer.labels_set:
        found = {label.name: label.value for label in labels.labels}
        assert found["service_name"] == APPLICATION and found["__profile_type__"] == TYPE
        assert found["__name__"] == "process_cpu" and found["__type__"] == "cpu" and found["__unit__"] == "nanoseconds"
    assert answer.labels_set


def has_names(answer):
    assert {"service_name", "comm", "host", "__profile_type__"} <= set(answer.names)
    assert list(answer.names) == sorted(set(answer.names))


def is_pprof(profile):
    assert stacks.of_pprof(profile) == WHOLE
    kinds = [(profile.string_table[kind.type], profile.string_table[kind.unit]) for kind in profile.sample_type]
    assert kinds == [("samples", "count"), ("cpu", "nanoseconds")]
    assert profile.period > 0 and profile.string_table[profile.period_type.unit] == "nanoseconds"


def is_for_go(profile):
    found = Counter()
    for path, value in WHOLE.items():
        found[path[-2:]] += value
    assert all(len(sample.location_id) <= 2 for sample in profile.sample)
    assert sum(stacks.of_pprof(profile).values()) == TOTAL


def equals(field, expected):
    def check(answer):
        assert getattr(answer, field) == expected, getattr(answer, field)
    return check


def names(*expected):
    return lambda answer: equals("names", list(expected))(answer)


def on(field, check):
    return lambda answer: check(getattr(answer, field))


# Each row: what it shows, the call, its fields, what holds for the answer. Every row goes all WAYS.
ANSWERS = [
    ("health check of Grafana: no times", "ProfileTypes", {}, has_types),
    ("zeros mean ever", "ProfileTypes", {"start": 0, "end": 0}, has_types),
    ("negative times", "ProfileTypes", {"start": -1, "end": END}, has_types),
    ("before all data", "ProfileTypes", {"start": 1, "end": 1000}, equals("profile_types", [])),

    ("all names", "LabelNames", {}, has_names),
    ("names of a selector", "LabelNames", {"matchers": [f'{{__profile_type__="{TYPE}", service_name="{APPLICATION}"}}'], **TIME}, has_names),
    ("names of nobody", "LabelNames", {"matchers": ['{service_name="nobody"}']}, names()),
    ("values", "LabelValues", {"name": "comm", "matchers": [SELECTOR], **TIME}, names(APPLICATION)),
    ("values of any selector", "LabelValues", {"name": "service_name", "matchers": [SELECTOR, "{service_name='nobody'}"]}, names(APPLICATION)),
    ("metric names", "LabelValues", {"name": "__name__"}, names("process_cpu")),
    ("profile type ids", "LabelValues", {"name": "__profile_type__"}, names(TYPE)),
    ("values of no label", "LabelValues", {"name": "nothing"}, names()),

    ("list of services", "Series", {"label_names": ["service_name", "__profile_type__"], **TIME}, has_services),
    ("list of services, of a type", "Series", {"matchers": [f'{{__profile_type__="{TYPE}"}}'], "label_names": ["service_name", "__profile_type__"]}, has_services),
    ("the five names Drilldown asks for", "Series", {"matchers": [], "label_names": ["pyroscope_app", "service_name", "__profile_type__", "__type__", "__name__"]}, on("labels_set", lambda sets: len(sets) > 0)),
    ("whole series", "Series", {"matchers": [SELECTOR]}, has_whole_series),
    ("series of nobody", "Series", {"matchers": ["{service_name='nobody'}"]}, equals("labels_set", [])),

    ("flame graph", "SelectMergeStacktraces", {**PROFILE, "max_nodes": 1048576}, on("flamegraph", is_whole)),
    ("flame graph by name", "SelectMergeStacktraces", {**PROFILE, "max_nodes": 0, "format": "PROFILE_FORMAT_FLAMEGRAPH"}, on("flamegraph", is_whole)),
    ("flame graph of nobody", "SelectMergeStacktraces", NOBODY, on("flamegraph", is_nothing)),
    ("flame graph of a type nobody has", "SelectMergeStacktraces", {**PROFILE, "profile_typeID": "memory:alloc_space:bytes:space:bytes"}, on("flamegraph", is_nothing)),
    ("flame graph before all data", "SelectMergeStacktraces", {**PROFILE, "start": 1, "end": 1000}, on("flamegraph", is_nothing)),
    ("flame graph of few nodes", "SelectMergeStacktraces", {**PROFILE, "max_nodes": 8}, on("flamegraph", is_truncated)),
    ("call site", "SelectMergeStacktraces", {**PROFILE, "stack_trace_selector": CALL_SITE}, on("flamegraph", is_call_site)),
    ("call site that is none", "SelectMergeStacktraces", {**PROFILE, "stack_trace_selector": {"call_site": [{"name": "spend_fifty"}]}}, on("flamegraph", is_nothing)),
    ("a sixth part of the type", "SelectMergeStacktraces", {**PROFILE, "profile_typeID": TYPE + ":delta"}, on("flamegraph", is_whole)),
    ("regular expressions are anchored", "SelectMergeStacktraces", {**PROFILE, "label_selector": '{service_name=~"three"}'}, on("flamegraph", is_nothing)),
    ("spans", "SelectMergeStacktraces", {**PROFILE, "span_selector": [SPAN]}, on("flamegraph", is_nothing)),
    ("traces", "SelectMergeStacktraces", {**PROFILE, "trace_id_selector": [TRACE]}, on("flamegraph", is_nothing)),
    ("single profiles", "SelectMergeStacktraces", {**PROFILE, "profile_id_selector": [UUID]}, on("flamegraph", is_nothing)),
    ("tree", "SelectMergeStacktraces", {**PROFILE, "format": "PROFILE_FORMAT_TREE"}, on("tree", lambda tree: equals("x", WHOLE)(type("", (), {"x": stacks.of_tree(tree)})))),
    ("tree of nobody", "SelectMergeStacktraces", {**NOBODY, "format": "PROFILE_FORMAT_TREE"}, equals("tree", b"")),
    ("asynchronous", "SelectMergeStacktraces", {**PROFILE, "async": {"type": "ASYNC_QUERY_TYPE_FORCE"}}, lambda answer: (is_whole(answer.flamegraph), equals("status", 2)(getattr(answer, "async")))),

    ("span profile", "SelectMergeSpanProfile", {**PROFILE, "span_selector": [SPAN]}, on("flamegraph", is_nothing)),
    ("span profile of all", "SelectMergeSpanProfile", PROFILE, on("flamegraph", is_whole)),

    ("time line", "SelectSeries", {**PROFILE, "step": STEP / 1000}, is_series),
    ("time lines by service", "SelectSeries", {**PROFILE, "label_selector": "{}", "step": STEP / 1000, "group_by": ["service_name"]}, is_grouped),
    ("largest time line", "SelectSeries", {**PROFILE, "label_selector": "{}", "step": STEP / 1000, "group_by": ["service_name"], "limit": 1}, on("series", lambda series: equals("n", 1)(type("", (), {"n": len(series)})))),
    ("average", "SelectSeries", {**PROFILE, "step": STEP / 1000, "aggregation": "TIME_SERIES_AGGREGATION_TYPE_AVERAGE"}, on("series", lambda series: equals("n", 1)(type("", (), {"n": len(series)})))),
    ("time line of nobody", "SelectSeries", {**NOBODY, "step": STEP / 1000}, equals("series", [])),
    ("exemplars", "SelectSeries", {**PROFILE, "step": STEP / 1000, "exemplar_type": "EXEMPLAR_TYPE_INDIVIDUAL"}, is_series),

    ("heatmap", "SelectHeatmap", {**PROFILE, "step": STEP / 1000, "query_type": "HEATMAP_QUERY_TYPE_INDIVIDUAL"}, is_heatmap),
    ("heatmap of spans", "SelectHeatmap", {**PROFILE, "step": STEP / 1000, "query_type": "HEATMAP_QUERY_TYPE_SPAN"}, equals("series", [])),
    ("heatmap of nobody", "SelectHeatmap", {**NOBODY, "step": STEP / 1000}, equals("series", [])),

    ("difference of equals", "Diff", {"left": PROFILE, "right": PROFILE}, is_diff(WHOLE, WHOLE)),
    ("difference to nothing", "Diff", {"left": PROFILE, "right": NOBODY}, is_diff(WHOLE, Counter())),
    ("difference of nothing", "Diff", {"left": NOBODY, "right": NOBODY}, is_diff(Counter(), Counter())),

    ("stats", "GetProfileStats", {}, equals("oldest_profile_time", START)),
    ("analysis", "AnalyzeQuery", {"query": TYPE + SELECTOR, **TIME}, on("query_impact", lambda impact: equals("total_queried_series", 1)(impact))),
]

# As above, but samples and boxes have no order, so answers need not be equal from one time to the next.
UNORDERED = [
    ("pprof among formats", "SelectMergeStacktraces", {**PROFILE, "format": "PROFILE_FORMAT_PPROF"}, lambda answer: is_pprof(answer.pprof.profile)),
    ("dot", "SelectMergeStacktraces", {**PROFILE, "format": "PROFILE_FORMAT_DOT"}, on("dot", lambda dot: equals("x", True)(type("", (), {"x": dot.startswith("digraph") and "spend_fifty" in dot})))),
    ("pprof", "SelectMergeProfile", PROFILE, is_pprof),
    ("pprof, whatever the nodes", "SelectMergeProfile", {**PROFILE, "max_nodes": 2}, is_pprof),
    ("pprof of nobody", "SelectMergeProfile", NOBODY, equals("sample", [])),
    ("pprof for go build -pgo", "SelectMergeProfile", {**PROFILE, "stack_trace_selector": {"go_pgo": {"keep_locations": 2, "aggregate_callees": True}}}, is_for_go),
]


def call(fields):
    return json.dumps(fields)


# Each row: status, code, call, body, content type, further headers.
JSON, PROTO = "application/json", "application/proto"
REFUSALS = [
    (400, "invalid_argument", "ProfileTypes", "", JSON, {}),
    (400, "invalid_argument", "ProfileTypes", "{", JSON, {}),
    (400, "invalid_argument", "ProfileTypes", '{"start": {}}', JSON, {}),
    (400, "invalid_argument", "ProfileTypes", b"\x08", PROTO, {}),
    (400, "invalid_argument", "Series", b"\x0a\xff\xff\xff\xff\x0f", PROTO, {}),
    (400, "invalid_argument", "Series", b"\x0a\x02\xff\xfe", PROTO, {}),
    (400, "invalid_argument", "ProfileTypes", b"\x0b" * 500_000, PROTO, {}),
    (400, "invalid_argument", "ProfileTypes", '{"x":' + '{"a":' * 150_000 + "1" + "}" * 150_001, JSON, {}),
    (400, "invalid_argument", "ProfileTypes", '{"start":' + "1" * 900_000 + "}", JSON, {}),
    (400, "invalid_argument", "ProfileTypes", "{}", JSON, {"Content-Encoding": "gzip"}),
    (415, "unimplemented", "ProfileTypes", "{}", JSON, {"Content-Encoding": "zstd"}),
    (415, "invalid_argument", "ProfileTypes", "{}", None, {}),
    (415, "invalid_argument", "ProfileTypes", "{}", "text/plain", {}),
    (415, "invalid_argument", "ProfileTypes", "{}", "application/json; charset=utf-16", {}),
    (413, "invalid_argument", "ProfileTypes", b" " * (2 << 20), JSON, {}),
    (413, "invalid_argument", "ProfileTypes", gzip.compress(b" " * (32 << 20)), JSON, {"Content-Encoding": "gzip"}),
    (404, "unimplemented", "Nope", "{}", JSON, {}),
    (504, "deadline_exceeded", "Series", "{}", JSON, {"Connect-Timeout-Ms": "0"}),
    (400, "invalid_argument", "Series", "{}", JSON, {"Connect-Timeout-Ms": "1s"}),
    (403, "permission_denied", "Series", "{}", JSON, {"Origin": "http://evil.example"}),
    (421, "permission_denied", "Series", "{}", JSON, {"Host": "evil.example"}),
    (400, "invalid_argument", "ProfileTypes", call({"start": 2, "end": 1}), JSON, {}),
    (400, "invalid_argument", "LabelNames", call({"start": 2, "end": 1}), JSON, {}),
    (400, "invalid_argument", "LabelNames", call({"matchers": ["{service_name="]}), JSON, {}),
    (400, "invalid_argument", "LabelValues", call({}), JSON, {}),
    (400, "invalid_argument", "LabelValues", call({"name": "a", "matchers": ['{a=~"("}']}), JSON, {}),
    (400, "invalid_argument", "Series", call({"matchers": ["nonsense {"]}), JSON, {}),
    *[(400, "invalid_argument", method, body, JSON, {})
      for method in ("SelectMergeStacktraces", "SelectMergeSpanProfile", "SelectMergeProfile")
      for body in (
          call({}), call({**PROFILE, "start": 0, "end": 0}), call({**PROFILE, "start": END, "end": START}),
          call({**PROFILE, "profile_typeID": "cpu"}), call({**PROFILE, "label_selector": "{a}"}))],
    *[(400, "invalid_argument", method, body, JSON, {})
      for method in ("SelectMergeStacktraces", "SelectMergeSpanProfile")
      for body in (call({**PROFILE, "max_nodes": -1}), call({**PROFILE, "max_nodes": 1048577}))],
    (400, "invalid_argument", "SelectMergeStacktraces", call({**PROFILE, "span_selector": [SPAN], "trace_id_selector": [TRACE]}), JSON, {}),
    (400, "invalid_argument", "SelectMergeStacktraces", call({**PROFILE, "format": 77}), JSON, {}),
    *[(400, "invalid_argument", method, body, JSON, {})
      for method in ("SelectSeries", "SelectHeatmap")
      for body in (
          call(PROFILE), call({**PROFILE, "step": -1}), call({**PROFILE, "step": 0.0001}),
          call({**PROFILE, "step": 0.001, "start": 1}), call({**PROFILE, "step": 15, "start": 0, "end": 0}),
          call({**PROFILE, "step": 15, "profile_typeID": ""}))],
    (400, "invalid_argument", "Diff", call({}), JSON, {}),
    (400, "invalid_argument", "Diff", call({"left": PROFILE}), JSON, {}),
    (400, "invalid_argument", "Diff", call({"left": PROFILE, "right": {**PROFILE, "profile_typeID": "memory:inuse_space:bytes::"}}), JSON, {}),
    (400, "invalid_argument", "AnalyzeQuery", call({"query": "nonsense"}), JSON, {}),
]


def is_document(answer):
    document = answer.json
    graph, metadata = document["flamebearer"], document["metadata"]
    assert document["version"] == 1 and metadata["format"] == "single"
    assert (metadata["units"], metadata["sampleRate"], metadata["name"]) == ("samples", 1_000_000_000, "cpu")
    assert stacks.of_flamegraph(graph["names"], graph["levels"]) == WHOLE and graph["numTicks"] == TOTAL
    timeline = document["timeline"]
    assert sum(timeline["samples"]) == TOTAL and timeline["durationDelta"] >= 15
    assert timeline["startTime"] % timeline["durationDelta"] == 0 and timeline["watermarks"] is None


def is_diff_document(answer):
    document = answer.json
    graph = document["flamebearer"]
    assert document["metadata"]["format"] == "double"
    assert stacks.of_flamegraph(graph["names"], graph["levels"], 7, 0, 2) == WHOLE
    assert stacks.of_flamegraph(graph["names"], graph["levels"], 7, 3, 5) == WHOLE
    assert document["leftTicks"] == document["rightTicks"] == TOTAL and graph["numTicks"] == 2 * TOTAL


def is_collapsed(answer):
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert stacks.of_collapsed(answer.body.decode()) == whole


def has_application(answer):
    assert {"name": f"{APPLICATION}.cpu"} in answer.json


def is_empty_document(answer):
    graph = answer.json["flamebearer"]
    assert graph["names"] == ["total"] and graph["levels"] == EMPTY_LEVELS and graph["numTicks"] == 0


def is_pprof_file(answer):
    is_pprof(messages.answer_class("SelectMergeProfile").FromString(gzip.decompress(answer.body)))


def is_list(*expected):
    def check(answer):
        assert set(expected) <= set(answer.json), answer.json
    return check


def starts(content_type, text):
    def check(answer):
        assert answer.headers["Content-Type"].startswith(content_type), answer.headers["Content-Type"]
        assert answer.body.lstrip().startswith(text), answer.body[:80]
    return check


BOTH = {f"{side}{name[0].upper()}{name[1:]}": value for side in ("left", "right") for name, value in QUERY.items()}

# Each row: route, parameters, status, what holds for the answer.
ROUTES = [
    *[row for path in ("/pyroscope/render", "/render") for row in [
        (path, QUERY, 200, is_document),
        (path, {**QUERY, "format": "json", "maxNodes": 1048576}, 200, is_document),
        (path, {**QUERY, "query": TYPE + '{service_name="nobody"}'}, 200, is_empty_document),
        (path, {**QUERY, "format": "pprof"}, 200, is_pprof_file),
        (path, {**QUERY, "format": "svg"}, 200, starts("image/svg+xml", b"<")),
        (path, {**QUERY, "format": "html"}, 200, starts("text/html", b"<")),
        (path, {**QUERY, "format": "dot"}, 200, starts("text/plain", b"digraph")),
        (path, {**QUERY, "format": "collapsed"}, 200, is_collapsed),
        (path, {**QUERY, "format": "xml"}, 400, None),
        (path, {**QUERY, "groupBy": "comm"}, 200, is_document),
        (path, RANGE, 400, None),
        (path, {**QUERY, "query": "{}"}, 400, None),
        (path, {**QUERY, "from": "0", "until": "0"}, 400, None),
        (path, {**QUERY, "from": END, "until": START}, 400, None),
        (path, {**QUERY, "max-nodes": -1}, 400, None),
    ]],
    ("/pyroscope/render", {**QUERY, "query": "cpu{}"}, 400, None),
    ("/render", {**QUERY, "query": "cpu{}"}, 200, is_empty_document),  # an application of that name
    *[row for path in ("/pyroscope/label-values", "/label-values") for row in [
        (path, {"label": "service_name"}, 200, is_list(APPLICATION)),
        (path, {"label": "__name__"}, 200, is_list(TYPE)),
        (path, {"label": "nothing"}, 200, is_list()),
        (path, {}, 400, None),
    ]],
    *[row for path in ("/pyroscope/render-diff", "/render-diff") for row in [
        (path, BOTH, 200, is_diff_document),
        (path, {**BOTH, "max-nodes": 1048576}, 200, is_diff_document),
        (path, {**BOTH, "format": "html"}, 200, starts("text/html", b"<")),
        (path, {**BOTH, "leftQuery": ""}, 400, None),
        (path, {**BOTH, "rightQuery": "memory:alloc_space:bytes:space:bytes{}"}, 400, None),
        (path, {**BOTH, "rightFrom": "0", "rightUntil": "0"}, 400, None),
        (path, {}, 400, None),
    ]],
    ("/render", {"query": f"{APPLICATION}.cpu{{}}", **RANGE}, 200, is_document),
    ("/render", {"name": f"{APPLICATION}.cpu", **RANGE}, 200, is_document),
    ("/api/apps", {}, 200, has_application),
    ("/labels", {}, 200, is_list("service_name", "comm")),
    ("/ready", {}, 200, None),
]


# Whatever does not fit into a row.

def get_on_a_call_is_405():
    for method in messages.METHODS:
        for verb in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
            answer = Answer(verb, PATH + method)
            assert answer.status == 405 and answer.headers["Allow"] == "POST", (verb, method, answer.status)


def post_on_a_route_is_405():
    for path in {row[0] for row in ROUTES}:
        assert Answer("POST", path, b"{}").status == 405, path


def both_styles_of_names_stand_in_one_body():
    body = {"profile_typeID": TYPE, "labelSelector": SELECTOR, "start": str(START), "end": END, "maxNodes": 1048576,
            "stackTraceSelector": {"call_site": CALL_SITE["call_site"]}, "unknown": {"a": [1, None]}}
    is_call_site(json_format.Parse(
        post("SelectMergeStacktraces", json.dumps(body)).body, messages.answer_class("SelectMergeStacktraces")()).flamegraph)
    profile = post("SelectMergeProfile", json.dumps(body))
    assert profile.status == 200 and profile.json["sample"]


def numbers_of_64_bits_are_strings_and_zeros_are_left_out():
    graph = post("SelectMergeStacktraces", call(PROFILE)).json["flamegraph"]
    assert graph["total"] == str(TOTAL) and isinstance(graph["maxSelf"], str)
    assert all(isinstance(value, str) for level in graph["levels"] for value in level["values"])
    nothing = post("SelectMergeStacktraces", call(NOBODY)).json
    assert nothing == {"flamegraph": {"names": ["total"], "levels": [{"values": ["0", "0", "0", "0"]}]}}
    points = post("SelectSeries", call({**PROFILE, "step": 15})).json["series"][0]["points"]
    assert all(isinstance(point["timestamp"], str) and not isinstance(point["value"], str) for point in points)
    assert isinstance(post("GetProfileStats", "{}").json["oldestProfileTime"], str)
    assert post("ProfileTypes", "{}").json["profileTypes"][0]["ID"] == TYPE
    assert post("LabelNames", call({"matchers": ["{service_name='nobody'}"]})).json == {}


def answers_are_packed_for_who_takes_it():
    assert post("Series", "{}", Accept_Encoding="gzip").is_packed
    assert post("Series", "{}", Accept_Encoding="br, gzip;q=0.8").is_packed
    assert not post("Series", "{}").is_packed
    assert not post("Series", "{}", Accept_Encoding="gzip;q=0").is_packed


def the_connect_client_hears_what_is_wrong():
    for method, fields, code in [
        ("SelectMergeStacktraces", {}, Code.INVALID_ARGUMENT), ("LabelValues", {}, Code.INVALID_ARGUMENT)]:
        for codec in (google_protobuf_binary_codec(), google_protobuf_json_codec()):
            try:
                by_connect(method, messages.request(method, fields), codec)
                raise AssertionError(f"{method} took {fields}")
            except ConnectError as error:
                assert error.code == code and error.message, error


def grafana_s_headers_are_taken():
    answer = post(
        "ProfileTypes", b"", PROTO, Connect_Protocol_Version="1", Accept_Encoding="gzip",
        User_Agent="connect-go/1.18.1 (go1.24.3)", Connect_Timeout_Ms="30000")
    has_types(messages.answer_class("ProfileTypes").FromString(answer.body))


def names_in_quotes_are_shown_on_request():
    plain = set(post("LabelNames", "{}").json["names"])
    assert plain <= set(post("LabelNames", "{}", Accept="*/*;allow-utf8-labelnames=true").json["names"])


SINGLE = [
    get_on_a_call_is_405, post_on_a_route_is_405, both_styles_of_names_stand_in_one_body,
    numbers_of_64_bits_are_strings_and_zeros_are_left_out, answers_are_packed_for_who_takes_it,
    the_connect_client_hears_what_is_wrong, grafana_s_headers_are_taken, names_in_quotes_are_shown_on_request,
]


# Runs the tables.

def answer_row(method, fields, check, is_ordered):
    request = messages.request(method, fields)
    first = None
    for way, ask in WAYS.items():
        try:
            answer = ask(method, request)
            check(answer)
            first = first if first is not None else answer
            assert not is_ordered or answer == first, "differs from the first way's answer"
        except Exception as error:
            raise AssertionError(f"{way}: {type(error).__name__} {error}") from error


def refusal_row(status, code, method, body, content_type, headers):
    fields = {**headers, **({"Content-Type": content_type} if content_type else {})}
    answer = Answer("POST", PATH + method, body, fields)
    assert answer.status == status, (answer.status, answer.body)
    assert answer.json["code"] == code and len(answer.json["message"]) > 10, answer.json


def route_row(path, parameters, status, check):
    answer = get(path, **parameters)
    assert answer.status == status, (answer.status, answer.body[:200])
    if status >= 400:
        assert answer.json["code"] and answer.json["message"]
    if check:
        check(answer)


def rows():
    for table, is_ordered in ((ANSWERS, True), (UNORDERED, False)):
        for name, method, fields, check in table:
            yield f"{method}: {name}", lambda: answer_row(method, fields, check, is_ordered)
    for row in REFUSALS:
        yield f"{row[2]} {row[3][:60]!r} {row[4]} {row[5]} is {row[0]}", lambda: refusal_row(*row)
    for row in ROUTES:
        yield f"GET {row[0]} {row[1]} is {row[2]}", lambda: route_row(*row)
    for function in SINGLE:
        yield function.__name__.replace("_", " "), function


def main():
    untested = set(messages.METHODS) - {row[1] for row in ANSWERS + UNORDERED}
    assert not untested, f"no row calls {untested}"
    passed = failed = 0
    for name, run in rows():
        try:
            run()
            passed += 1
        except Exception as error:
            failed += 1
            print(f"conformance: FAILED: {name}\n    {type(error).__name__} {error}")
    print(f"conformance: {passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
