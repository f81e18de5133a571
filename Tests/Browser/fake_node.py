"""A node with made-up data, for the page's tests: serves web/ and the routes the page asks.

Applications: `postgresql`, `nginx`, … look like real ones; `huge` has 100,000 nodes; `hostile` has
names that try to break the page; `idle` never ran; `broken` answers 503.
"""

import json
import math
import random
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

WEB = Path(__file__).resolve().parents[2] / "web"
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript",
         ".svg": "image/svg+xml"}
NATIVE, KERNEL, STOP_REASON = 0, 1, 4
CPU = 1_000_000_000

KERNEL_PATHS = [
    ["entry_SYSCALL_64_after_hwframe", "do_syscall_64", "__x64_sys_epoll_wait", "do_epoll_wait",
     "schedule_hrtimeout_range", "schedule", "__schedule"],
    ["entry_SYSCALL_64_after_hwframe", "do_syscall_64", "ksys_read", "vfs_read",
     "ext4_file_read_iter", "filemap_read", "copy_page_to_iter", "_copy_to_iter"],
    ["entry_SYSCALL_64_after_hwframe", "do_syscall_64", "__x64_sys_sendto", "tcp_sendmsg",
     "tcp_write_xmit", "ip_queue_xmit", "__dev_queue_xmit"],
    ["asm_exc_page_fault", "exc_page_fault", "handle_mm_fault", "clear_page_erms"],
]
APPLICATIONS = {
    "postgresql": (1.31, "postgres", [
        "main", "PostmasterMain", "BackendStartup", "PostgresMain", "exec_simple_query", "PortalRun",
        "ExecutorRun", "ExecHashJoin", "ExecSeqScan", "heap_getnextslot", "hash_search", "ExecSort",
        "tuplesort_performsort", "qsort_tuple", "btree_search", "LWLockAcquire", "pg_checksum_page"]),
    "nginx": (0.42, "nginx", [
        "main", "ngx_master_process_cycle", "ngx_worker_process_cycle", "ngx_process_events",
        "ngx_epoll_process_events", "ngx_http_process_request", "ngx_http_handler",
        "ngx_http_upstream_init", "ngx_http_gzip_body_filter", "deflate", "longest_match"]),
    "clickhouse-server": (0.87, "clickhouse", [
        "main", "DB::Server::main(std::vector<std::string> const&)", "DB::TCPHandler::runImpl()",
        "DB::PipelineExecutor::execute(unsigned long)", "DB::AggregatingTransform::work()",
        "DB::Aggregator::executeOnBlock(DB::Columns const&, unsigned long)",
        "DB::HashTable<StringRef, DB::HashMapCell<StringRef, char*>>::emplace(StringRef const&)",
        "CityHash_v1_0_2::CityHash64", "LZ4::decompress", "DB::MergeTreeReader::readRows()"]),
    "hearth": (0.02, "hearth", ["main", "Agent.run()", "WindowAggregator.close()", "qsort"]),
    "user@1000": (0.11, "chromium", [
        "main", "content::BrowserMain", "base::RunLoop::Run()", "v8::internal::Execution::Call",
        "blink::LocalFrameView::UpdateLifecyclePhases", "cc::LayerTreeHost::UpdateLayers"]),
    "kernel threads": (0.06, "vmlinux", []),
}
HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(2)>', "'; DROP TABLE samples; --",
    "\u202egnp.exe\u202c reversed", "مرحبا::العالم", "🔥🔥🔥 emoji 👩‍👩‍👧‍👦", "x" * 5000,
    "bad \ufffd bytes", "line\nbreak\ttab\u0000nul", "__proto__", "constructor", "&amp;&lt;",
]


def tree_of(app, seed):
    """Nested [name, module, kind, self, children by name] of one application."""
    rng = random.Random(f"{app}-{seed}")
    root = ["total", "", NATIVE, 0, {}]
    cores, module, names = APPLICATIONS[app]

    def add(path, weight):
        node = root
        for name, where, kind in path:
            node = node[4].setdefault(name, [name, where, kind, 0, {}])
        node[3] += weight

    for _ in range(900):
        path = [(names[i], module, NATIVE) for i in range(min(len(names), 4))]
        path += [(name, module, NATIVE)
                 for name in rng.sample(names[4:], k=min(len(names[4:]), rng.randint(0, 6)))]
        roll = rng.random()
        if roll < 0.35 or not names:
            path += [(name, "vmlinux", KERNEL)
                     for name in rng.choice(KERNEL_PATHS)[: rng.randint(2, 8)]]
        elif roll < 0.55:
            path.append((rng.choice(["malloc", "memcpy", "pthread_mutex_lock"]), "libc.so.6", NATIVE))
        elif roll < 0.6:
            reason = "[cut: frame pointer does not point up the stack]"
            path = [(reason, "", STOP_REASON), (f"libcrypto.so.3+0x{rng.randint(1, 40):x}40",
                                                "libcrypto.so.3", NATIVE)]
        add(path, rng.expovariate(1) * cores * 1e9)
    return root


def huge_tree():
    """100,000 nodes, 60 levels deep."""
    rng = random.Random(7)
    root = ["total", "", NATIVE, 0, {}]
    nodes = [(root, 0)]
    while len(nodes) < 100_000:
        parent, depth = nodes[int(len(nodes) * rng.random() ** 0.6)]
        if depth > 60:
            continue
        name = f"namespace_{rng.randint(1, 40)}::function_{len(nodes) % 9000}"
        if name in parent[4]:
            continue
        child = [name, f"lib{rng.randint(1, 12)}.so", NATIVE, rng.expovariate(1) * 1e6, {}]
        parent[4][name] = child
        nodes.append((child, depth + 1))
    return root


def hostile_tree():
    root = ["total", "", NATIVE, 0, {}]
    node = root
    for name in HOSTILE:
        child = [name, name, NATIVE, 5e8, {}]
        node[4][name] = child
        node[4]["sibling " + name] = ["sibling " + name, "m", NATIVE, 4e8, {}]
        node = child
    return root


def flamebearer(root):
    """The document of /pyroscope/render for a tree."""
    def total(node):
        node.append(int(node[3]) + sum(total(child) for child in node[4].values()))
        return node[5]

    sys.setrecursionlimit(5_000)
    total(root)
    names, kinds, modules, module_names = [], [], [], []
    index_of, module_index = {}, {}

    def index(node):
        key = (node[0], node[1], node[2])
        if key not in index_of:
            index_of[key] = len(names)
            names.append(node[0])
            kinds.append(node[2])
            if node[1] not in module_index:
                module_index[node[1]] = len(module_names)
                module_names.append(node[1])
            modules.append(module_index[node[1]])
        return index_of[key]

    levels, row = [], [(0, root)]
    while row:
        values, following, end = [], [], 0
        for start, node in row:
            values += [start - end, node[5], int(node[3]), index(node)]
            end = start + node[5]
            at = start
            for child in sorted(node[4].values(), key=lambda each: each[0]):
                if child[5] <= 0:
                    continue
                following.append((at, child))
                at += child[5]
        levels.append(values)
        row = following
    return {
        "version": 1,
        "flamebearer": {"names": names, "levels": levels, "numTicks": root[5], "kinds": kinds,
                        "maxSelf": max((max(level[2::4]) for level in levels), default=0)},
        "metadata": {"format": "single", "spyName": "", "sampleRate": 1_000_000_000,
                     "units": "samples", "name": "cpu"},
        "timeline": None, "groups": None, "heatmap": None,
        "frames": {"modules": modules, "moduleNames": module_names},
    }


def merged(trees):
    root = ["total", "", NATIVE, 0, {}]
    for tree in trees:
        for key, child in tree[4].items():
            root[4][key + str(id(tree))] = child
    return root


HUGE = json.dumps(flamebearer(huge_tree())).encode()


class Node(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        url = urlsplit(self.path)
        values = {key: items[-1] for key, items in parse_qs(url.query).items()}
        routes = {"/pyroscope/render": self.render, "/api/v1/services": self.services,
                  "/api/v1/status": self.status}
        if url.path in routes:
            routes[url.path](values)
        elif url.path == "/ready":
            self.answer(200, {"status": "ready"})
        else:
            self.asset(url.path)

    def answer(self, status, body, kind="application/json"):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Security-Policy", "default-src 'none'; script-src 'self'; "
                         "style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
                         "form-action 'none'; frame-ancestors 'none'")
        self.end_headers()
        self.wfile.write(data)

    def asset(self, path):
        file = WEB / ("index.html" if path == "/" else path.lstrip("/"))
        if file.parent != WEB or not file.is_file():
            self.answer(404, {"code": "not_found", "message": f"no such path: {path}"})
            return
        self.answer(200, file.read_bytes(), TYPES[file.suffix])

    def render(self, values):
        query = values.get("query", "")
        app = query.partition('service_name="')[2].rpartition('"')[0]
        if app == "broken":
            self.answer(503, {"code": "unavailable", "message": "The store's disk is full."})
        elif app == "huge":
            self.answer(200, HUGE)
        elif app == "hostile":
            self.answer(200, flamebearer(hostile_tree()))
        elif app in APPLICATIONS:
            self.answer(200, flamebearer(tree_of(app, 1)))
        elif app == "":
            trees = [tree_of(each, 1) for each in APPLICATIONS]
            self.answer(200, flamebearer(merged(trees)))
        else:
            self.answer(200, flamebearer(["total", "", NATIVE, 0, {}]))

    def services(self, values):
        start, end = int(values["from"]), int(values["until"])
        step = max(10, (end - start) // 1000 // 120)
        first = start // 1000 // step * step
        steps = range(first, end // 1000, step)
        answer = []
        for app, (cores, _, _) in APPLICATIONS.items():
            rng = random.Random(app)
            phase, noise = rng.random() * 6, rng.random() * 0.5
            points = [int(max(0, cores * (1 + 0.5 * math.sin(at / 600 + phase)
                          + noise * (random.Random(at).random() - 0.5))) * CPU * step) for at in steps]
            answer.append({"service_name": app, "cpu_nanoseconds": sum(points), "values": points})
        for app in ("huge", "hostile", "broken", "idle"):
            answer.append({"service_name": app, "cpu_nanoseconds": 0, "values": [0 for _ in steps]})
        answer.sort(key=lambda each: -each["cpu_nanoseconds"])
        self.answer(200, {"from": start, "until": end, "start": first * 1000, "step": step,
                          "services": answer})

    def status(self, values):
        fired = int(time.time() * 194) % 100_000_000
        self.answer(200, {
            "version": "0.1.0", "host": "bench-node-07", "kernel": "6.12.0-amd64",
            "page": f"http://{self.headers['Host']}/",
            "sampling": {"frequency_hertz": 97, "window_seconds": 10, "online_cpus": 2},
            "ledger": {"fired": fired, "delivered": fired - 12, "unaccounted": 0, "impaired": [],
                       "lost": [{"reason": "ring_full", "meaning": "the ring was full", "count": 12}],
                       "missed_estimate": fired // 400, "stored": fired - 900, "dropped": [],
                       "pending": 888},
            "store": {"directory": "/var/lib/hearth", "problem": None, "series": 42, "partitions": 3,
                      "bytes_on_disk": 48_234_496, "pairs_written": 1_234_567},
        })


def serve(port=0):
    """A server on loopback that has not begun; its `server_address` has the port."""
    return ThreadingHTTPServer(("127.0.0.1", port), Node)


if __name__ == "__main__":
    server = serve(int(sys.argv[1]) if len(sys.argv) > 1 else 4049)
    print(f"http://127.0.0.1:{server.server_address[1]}/", flush=True)
    server.serve_forever()
