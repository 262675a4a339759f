"""Sees to the servers that the stack starts: finds them, installs them, or says how."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from service.settings import environment
from tools.stack.postgresql import find_postgresql
from tools.stack.rabbitmq import find_rabbitmq


def missing_servers() -> list[str]:
    """Give Debian's packages that are not installed."""
    found: Mapping[str, Path | None] = {
        "rabbitmq-server": find_rabbitmq(),
        "postgresql": find_postgresql(),
    }
    return [package for package, place in found.items() if place is None]


def install_servers(packages: list[str]) -> bool:
    """Install packages where that is possible, saying so; says whether it worked."""
    names = " ".join(packages)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"Not installed: {names}.", file=sys.stderr)
        print(f"On Debian, as root: apt-get install {names}", file=sys.stderr)
        return False
    print(f"Installing {names} with apt-get ...", flush=True)
    quiet = {**environment(), "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        if subprocess.run(command, check=False, env=quiet).returncode:
            return False
    return not missing_servers()
