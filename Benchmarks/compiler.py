"""Runs the `martlet` command and measures what it costs."""

import dataclasses
import json
import pathlib
import subprocess
import sys
import tempfile

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
    """Runs a command and takes its time and the largest resident set of it and its children."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder) / name for name in ("report", "out", "err")]
        with paths[1].open("w") as out, paths[2].open("w") as err:
            subprocess.run(
                [sys.executable, "-S", ROOT / "Benchmarks/measure.py", paths[0]]
                + [str(c) for c in command], stdout=out, stderr=err, check=True)
        report = json.loads(paths[0].read_text())
        return Finished(stdout=paths[1].read_text(), stderr=paths[2].read_text(), **report)


def compile_model(martlet, model, output, threads, shapes, options=()):
    """`martlet compile`; `shapes` are bindings by input name."""
    command = [martlet, "compile", model, "-o", output, "--threads", threads]
    for name, dimensions in shapes.items():
        command += ["--shape", f"{name}={','.join(map(str, dimensions))}"]
    return run(command + list(options))
