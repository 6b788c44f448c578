"""What the interoperation checks share: a prefix with the libraries, programs, servers, and a browser."""

import http.server
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path


class Skip(Exception):
    """The case cannot be run here; the text says why."""


class Case:
    """One program with one client. `body` returns how many messages were exchanged, or raises."""

    def __init__(self, program, client, body, demo=False):
        self.program = program
        self.client = client
        self.run = body
        self.demo = demo


def checks(root, libraries):
    """Each library's name and its check.py as a module; of all libraries if none is named."""
    for path in sorted((root / "interop").glob("*/check.py")):
        library = path.parent.name
        if not libraries or library in libraries:
            spec = importlib.util.spec_from_file_location(f"check_{library}", path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            yield library, module


class Prefix:
    """The libraries as installed, and the programs built against them."""

    def __init__(self, root, path):
        self.root = root
        self.path = path
        self.binaries = {}
        self.servers = []

    @classmethod
    def install(cls, root):
        build = Path(os.environ.get("RELINK_BUILD", root / "build"))
        path = build / "interop" / "prefix"
        shutil.rmtree(path, ignore_errors=True)
        environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "DESTDIR")}
        command = ["make", "--silent", "install", f"PREFIX={path}", f"BUILD={build}"]
        if "RELINK_PROFILE" in os.environ:
            command.append(f"PROFILE={os.environ['RELINK_PROFILE']}")
        done = subprocess.run(command, cwd=root, env=environment, text=True, capture_output=True)
        if done.returncode:
            raise SystemExit(f"make install failed:\n{done.stdout}{done.stderr}")
        return cls(root, path)

    def environment(self, preload=None):
        environment = dict(os.environ, LD_LIBRARY_PATH=str(self.path / "lib"))
        if preload:
            environment["LD_PRELOAD"] = str(preload)
        return environment

    def flags(self, module):
        environment = dict(os.environ, PKG_CONFIG_PATH=str(self.path / "lib" / "pkgconfig"))
        return run(["pkg-config", "--cflags", "--libs", module], env=environment).split()

    def compile(self, name, sources, flags):
        """Compiles a C program as its user would: pkg-config's flags, and no warnings. Once for each name in a folder
        of sources."""
        library = Path(sources[0]).parent.name
        if (library, name) not in self.binaries:
            folder = self.path.parent / "programs" / library
            folder.mkdir(parents=True, exist_ok=True)
            binary = folder / name
            sources = [str(self.root / source) for source in sources]
            compiler = [os.environ.get("RELINK_CC", "cc"), "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror"]
            run([*compiler, "-D_GNU_SOURCE", "-o", str(binary), *sources, *flags])
            self.runs_on_ours(binary)
            self.binaries[library, name] = binary
        return self.binaries[library, name]

    def runs_on_ours(self, binary):
        """Raises unless the dynamic linker gives the program our libraries and nobody else's of their names."""
        installed = {path.name for path in (self.path / "lib").rglob("*.so*")}
        listed = run([str(binary)], env=dict(self.environment(), LD_TRACE_LOADED_OBJECTS="1"))
        loaded = dict(re.findall(r"(\S+) => (\S+)", listed))
        ours = {name: path for name, path in loaded.items() if name in installed}
        strange = [path for path in ours.values() if not path.startswith(f"{self.path}/")]
        if strange or not ours:
            raise RuntimeError(f"{binary.name} does not run on our libraries: {strange or sorted(loaded)}")

    def serve(self, command, environment=None, timeout=20):
        """Starts a server that says on which port it listens; returns the port."""
        # What it complains of is its own affair: hostile peers are part of the checks.
        with (self.path.parent / f"{Path(command[0]).name}.log").open("w") as log:
            server = subprocess.Popen(
                command,
                env=environment or self.environment(),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                bufsize=1,
                start_new_session=True,
            )
        self.servers.append(server)
        port, known = [], threading.Event()

        # Reads on after the port is known, so that a talkative server is never held up.
        def read():
            for line in server.stdout:
                found = re.search(r"listening on 127\.0\.0\.1:(\d+)", line)
                if found:
                    port.append(int(found[1]))
                    known.set()
            known.set()

        threading.Thread(target=read, daemon=True).start()
        known.wait(timeout)
        if not port:
            ended = server.poll()
            state = "said no port" if ended is None else f"ended with status {ended}"
            raise RuntimeError(f"{command[0]} {state} within {timeout} s")
        return port[0]

    def stop_all(self):
        """Ends every server, with the processes that it started."""
        for server in self.servers:
            try:
                os.killpg(server.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            server.wait()
        self.servers.clear()

    def __enter__(self):
        # So that servers are stopped when a make or a CI job is.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        return self

    def __exit__(self, *_):
        self.stop_all()


def run(command, timeout=120, **options):
    """Runs a command that has to succeed; returns what it printed."""
    done = subprocess.run(
        command, text=True, errors="replace", capture_output=True, timeout=timeout, **options
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} ended with {done.returncode}: {(done.stdout + done.stderr).strip()}")
    return done.stdout


def websockets():
    """The Python module, of whatever version the system has."""
    try:
        import websockets as module
    except ImportError as error:
        raise Skip("Python's websockets is not installed") from error
    return module


def browse(page="", timeout=60, elsewhere=None):
    """Opens a page in headless Chromium; returns what it posts to /result, as JSON.

    A page that another server has: `elsewhere(result)` is told where it has to post, and returns its address.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        raise Skip("Chromium is not installed")
    result, done = {}, threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            found = self.path == "/"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            if found:
                self.wfile.write(page.encode())

        def do_POST(self):
            result.update(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()
            done.set()

        def log_message(self, *arguments):
            pass

    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{web.server_port}/"
    address = elsewhere(f"{here}result") if elsewhere else here
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = subprocess.Popen(
            [
                chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--disable-dev-shm-usage", f"--user-data-dir={profile}", "--ignore-certificate-errors", address,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            if not done.wait(timeout):
                raise RuntimeError(f"the page said nothing within {timeout} s")
        finally:
            browser.terminate()
            try:
                browser.wait(10)
            except subprocess.TimeoutExpired:
                browser.kill()
                browser.wait()
            web.shutdown()
            web.server_close()
    return result
