"""Runs a command and writes its time, its largest resident set and its status to a file, as JSON.

A process of its own and a small one: a child's largest resident set counts from its parent's.

    measure.py REPORT COMMAND...
"""

import json
import os
import sys
import time

start = time.perf_counter()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
report = {
    "seconds": time.perf_counter() - start,
    "peak_bytes": usage.ru_maxrss * 1024,
    "status": os.waitstatus_to_exitcode(status),
}
with open(sys.argv[1], "w") as file:
    json.dump(report, file)
