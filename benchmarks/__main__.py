"""`python -m benchmarks [NAME ...]`: run the benchmarks of those names, or all of them."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from typing import Final

# `envoy` and `placement` are last: they hold many tenants, and what this process held is counted as its children's
NAMES: Final = ("check", "opa", "registry", "routing", "up", "envoy", "placement")

print(
    f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()};"
    f" load average {os.getloadavg()[0]:.1f} at the start\n"
)
for name in sys.argv[1:] or NAMES:
    if name not in NAMES:
        raise SystemExit(f"there is no benchmark {name}; there are {', '.join(NAMES)}")
    print(f"## {name}\n", flush=True)
    importlib.import_module(f"benchmarks.{name}").main()
    print(f"\nLoad average {os.getloadavg()[0]:.1f} at the end", flush=True)
