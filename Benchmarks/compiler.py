"""Runs the `martlet` command and measures what it costs."""

import dataclasses
import os
import pathlib
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEFAULT = ROOT / ".build/release/martlet"


@dataclasses.dataclass
class Finished:
    status: int
    seconds: float
    peak_bytes: int
    stdout: str
    stderr: str

    @property
    def reason(self):
        """The last line of what it said, for tables."""
        lines = [line for line in (self.stderr + self.stdout).splitlines() if line.strip()]
        return lines[-1] if lines else f"exit status {self.status}"


def run(command):
    """Runs a command and takes its time and its largest resident set."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        start = time.perf_counter()
        process = subprocess.Popen([str(c) for c in command], stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Finished(
            process.returncode, seconds, usage.ru_maxrss * 1024, out.read(), err.read())


def compile_model(martlet, model, output, threads, shapes, options=()):
    """`martlet compile`; `shapes` are bindings by input name."""
    command = [martlet, "compile", model, "-o", output, "--threads", threads]
    for name, dimensions in shapes.items():
        command += ["--shape", f"{name}={','.join(map(str, dimensions))}"]
    return run(command + list(options))
