"""One load program on four servers: the original's API on the original and on ours, Debian's libwebsockets 4, and the
least that a server does, which is no peer but tells how fast one could be at best.

Server and load have a processor each where there are two. A ratio is of the processor time that the server needs for an
operation, which does not depend on what else the machine is doing; operations a second are told besides.
"""

import os
import re
import statistics
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
# name: the load program's words, with the number of connections, of active ones, and the size.
WORKS = {
    "echo-100-on-10": ("echo", 10, 10, 100),
    "echo-100-on-100": ("echo", 100, 100, 100),
    "echo-100-on-1000": ("echo", 1000, 1000, 100),
    "echo-100-on-10-of-10000": ("echo", 10000, 10, 100),
    "receive-1M": ("receive", 2, 2, 1 << 20),
    "echo-4000-on-10": ("echo", 10, 10, 4000),
    "handshakes": ("handshake", 10, 0, 0),
    "http-1k": ("http", 10, 0, 1024),
}
IDLE = 5000
MEMORY_TARGET = 5.2


def pinned(command, processor):
    return ["taskset", "-c", str(processor), *command] if os.cpu_count() > 1 else command


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, binary, library_path, file):
        self.port = free_port()
        environment = dict(os.environ, **({"LD_LIBRARY_PATH": str(library_path)} if library_path else {}))
        command = pinned([str(binary), str(self.port), str(file)], 0)
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError(f"{binary} on {library_path} does not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def processor_time(self):
        """Nanoseconds that its only thread has run."""
        return int(Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[0])

    def memory(self):
        """Bytes that are its own: what is resident without what is shared."""
        text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return 1024 * sum(int(size) for size in re.findall(r"^Private_\w+:\s+(\d+)", text, re.M))


def measure(server, load, work, seconds):
    """Nanoseconds of the server's processor for one operation, and operations a second."""
    words, connections, active, size = work
    command = [str(load), words, server.port, connections, active, size, seconds]
    client = subprocess.Popen(pinned([str(word) for word in command], 1), stdout=subprocess.PIPE, text=True)
    if client.stdout.readline() != "begin\n":
        raise RuntimeError(f"{words}: the load does not start")
    before = server.processor_time()
    counted = client.stdout.readline().split()
    spent = server.processor_time() - before
    if client.wait(60) or not counted:
        raise RuntimeError(f"{words}: the load failed")
    operations, took = map(int, counted)
    return spent / operations, operations / took * 1e9


def idle_memory(server, load):
    """Bytes for each of many connections that do nothing."""
    before = server.memory()
    client = subprocess.Popen([str(load), "hold", str(server.port), str(IDLE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    client.stdout.readline()
    each = (server.memory() - before) / IDLE
    client.communicate("")
    return each


def targets():
    table = {}
    for line in (HERE / "targets.tsv").read_text().splitlines():
        if not line.startswith("#"):
            name, *ratios = line.split("\t")
            table[name] = [float(ratio) for ratio in ratios]
    return table


def bench(root, build, original, quick):
    """Measures and prints; returns how many targets were missed, and the works that were compared with the original.
    `original` may be None."""
    compiler = [os.environ.get("RELINK_CC", "cc"), "-O2", "-D_GNU_SOURCE"]
    load, old, new, least = (build / f"bench-libwebsockets-{name}" for name in ("load", "server-1", "server-4", "least"))
    subprocess.run([*compiler, "-o", load, HERE / "load.c"], check=True)
    subprocess.run([*compiler, "-o", least, HERE / "least.c"], check=True)
    ours = build / "lib"
    subprocess.run([*compiler, "-o", old, HERE / "server-1.c", "-I", root / "include", ours / "libwebsockets.so.3.0.0"], check=True)
    servers = [("original", old, original)] if original else []
    servers.append(("ours", old, ours))
    # Its header has the name of ours: it is found because ours is not asked for.
    if subprocess.run([*compiler, "-o", new, HERE / "server-4.c", "-lwebsockets"], capture_output=True).returncode == 0:
        servers.append(("Debian's 4", new, None))
    else:
        print("libwebsockets: Debian's libwebsockets-dev is not installed: not compared with")
    servers.append(("least", least, None))
    rounds, seconds = (3, 1) if quick else (7, 2)
    print(f"libwebsockets: {rounds} rounds, one after the other in each; microseconds of the server's processor an operation")
    names = [name for name, _, _ in servers]
    others = [name for name in names if name not in ("ours", "least")]
    head = ("work", *names, *(f"ops/s {name}" for name in names), *(f"vs {name}" for name in others), *(f"target {name}" for name in others))
    widths = [max(len(cell), 16 if cell.startswith("target") else 9) for cell in head]
    widths[0] = max(len(work) for work in WORKS)

    def tell(cells):
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip(), flush=True)

    tell(head)
    missed, works = 0, []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "file"
        file.write_bytes(b"x" * 1024)
        for work, words in WORKS.items():
            found = {name: [] for name in names}
            # Connecting ten thousand is slow work for those who walk a table for each.
            for _ in range(rounds if words[1] <= 1000 else 1 + rounds // 4):
                for name, binary, path in servers:
                    with Server(binary, path, file) as server:
                        found[name].append(measure(server, load, words, seconds))
            times = {name: statistics.median(time for time, _ in found[name]) for name in names}
            speeds = {name: statistics.median(speed for _, speed in found[name]) for name in names}
            ratios = {
                name: statistics.median(theirs[0] / our[0] for theirs, our in zip(found[name], found["ours"]))
                for name in others
            }
            if original:
                pairs = [theirs[0] / our[0] for theirs, our in zip(found["original"], found["ours"])]
                works.append({
                    "work": work,
                    "original_ns": round(times["original"], 1),
                    "ours_ns": round(times["ours"], 1),
                    "ratio": round(ratios["original"], 3),
                    "spread": [round(min(pairs), 3), round(max(pairs), 3)],
                })
            wanted = dict(zip(("original", "Debian's 4"), targets()[work]))
            cells = [work, *(f"{times[name] / 1000:.2f}" for name in names), *(f"{speeds[name]:.0f}" for name in names)]
            cells += [f"{ratios[name]:.2f}" for name in others]
            for name in others:
                met = ratios[name] >= wanted[name]
                missed += not met
                cells.append(f"{wanted[name]:g}" + ("" if met else " missed"))
            tell(cells)
        memory = {}
        for name, binary, path in servers:
            with Server(binary, path, file) as server:
                memory[name] = idle_memory(server, load) / 1024
    met = memory["ours"] <= MEMORY_TARGET
    missed += not met
    each = ", ".join(f"{name} {memory[name]:.2f}" for name in names)
    print(f"kB for an idle WebSocket connection, of {IDLE}: {each}; target {MEMORY_TARGET}" + ("" if met else " missed"))
    return missed, works
