"""Sets itself up on first use, then hands the command line to ``model.cli``.

Any Python can read this file, so that one which is too old says so instead of failing on a line of syntax.
"""

import hashlib
import importlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
HOME = os.path.join(ROOT, ".venv")
NEEDED = (3, 11)
IS_SET_UP = "ENERGY_EXPORT_IS_SET_UP"  # tells the process that is handed over to not to set up again


class SetUpError(Exception):
    """The set-up cannot go on; the message says what to do."""


def say(text):
    """Print a line about the set-up; results go to standard output, this does not."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def too_old(version):
    """What to tell the user of a Python that is too old, or None."""
    if tuple(version[:2]) >= NEEDED:
        return None
    return (
        "This needs Python %d.%d or newer; this is Python %d.%d (%s).\n"
        "Install a newer one from python.org or your system's package manager, then run this again with it."
        % (NEEDED + tuple(version[:2]) + (sys.executable,))
    )


def requirements(extras, root=ROOT):
    """What pyproject.toml asks for, as texts such as ``pandas >= 2.2``."""
    import tomllib

    with open(os.path.join(root, "pyproject.toml"), "rb") as file:
        project = tomllib.load(file)["project"]
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    return wanted


def numbers(version):
    """A version as numbers that compare: ``3.1.0rc1`` as (3, 1, 0)."""
    return tuple(int(part) for part in re.findall(r"\d+", re.match(r"[\d.]*", version).group()))


def lacking(wanted, installed):
    """Which requirements this Python does not meet; ``installed`` gives the version of a package, or None."""
    missing = []
    for requirement in wanted:
        name, least = re.match(r"([\w.-]+)\s*(?:>=\s*([\d.]+))?", requirement).groups()
        found = installed(name)
        if found is None or numbers(found) < numbers(least or "0"):
            missing.append(name)
    return missing


def installed_here(name):
    """Version of a package of the running Python, or None."""
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def fingerprint(root=ROOT, version=None):
    """Hash of what decides the set-up: the two lists of packages and the Python."""
    digest = hashlib.sha256(repr(tuple(version or sys.version_info)[:2]).encode())
    for name in ("pyproject.toml", "constraints.txt"):
        with open(os.path.join(root, name), "rb") as file:
            digest.update(file.read().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def read_stamp(home=HOME):
    """What the last complete set-up left: its fingerprint and extras; empty where there was none."""
    try:
        with open(os.path.join(home, "set-up.json")) as file:
            stamp = json.load(file)
        return {"fingerprint": stamp["fingerprint"], "extras": list(stamp["extras"])}
    except (IOError, OSError, ValueError, KeyError, TypeError):
        return {"fingerprint": "", "extras": []}


def python_of(home=HOME):
    """The Python of a virtual environment."""
    return os.path.join(home, *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))


def is_ready(extras, home=HOME, root=ROOT):
    """Whether the environment beside this file was set up completely for what is asked now."""
    stamp = read_stamp(home)
    complete = stamp["fingerprint"] == fingerprint(root) and set(extras) <= set(stamp["extras"])
    return complete and os.path.exists(python_of(home)) and has_base(home)


def has_base(home=HOME):
    """Whether the Python from which the environment was made is still there."""
    try:
        with open(os.path.join(home, "pyvenv.cfg")) as file:
            base = re.search(r"(?m)^home\s*=\s*(.+?)\s*$", file.read())
    except (IOError, OSError):
        return False
    return bool(base) and os.path.isdir(base.group(1))


def set_up(extras, home=HOME, root=ROOT, call=subprocess.call):
    """Make or mend the environment beside this file; stamped only when all of it is there."""
    stamp, marker = read_stamp(home), os.path.join(home, "set-up.json")
    extras = sorted(set(extras) | set(stamp["extras"]))
    say("Setting up in %s: once, about half a minute." % home)
    if os.path.exists(marker):
        os.remove(marker)
    python = make_environment(home, call)
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--constraint", os.path.join(root, "constraints.txt")] + requirements(extras, root)
    if call(command) != 0:
        raise SetUpError(
            "The packages could not be installed; pip's own words stand above.\n"
            "Is there a connection to the internet? Behind a company's proxy, set HTTPS_PROXY or ask your IT for\n"
            "pip's settings. Nothing else is needed: run the same command again, it goes on from here."
        )
    with open(marker, "w") as file:
        json.dump({"fingerprint": fingerprint(root), "extras": extras}, file)
    say("Set up.")
    return python


def make_environment(home, call):
    """The Python of the environment, which is made anew unless it answers."""
    python = python_of(home)
    if (
        os.path.exists(python)
        and has_base(home)
        and call([python, "-c", "import sys, pip; assert sys.version_info >= (3, 11)"]) == 0
    ):
        return python
    if os.path.exists(home):
        shutil.rmtree(home)
    # the running Python may stand in the very folder that was just removed
    base = getattr(sys, "_base_executable", None) or sys.executable
    if call([base, "-m", "venv", home]) != 0:
        shutil.rmtree(home, ignore_errors=True)
        raise SetUpError(
            "This Python cannot make a virtual environment; its own words stand above.\n"
            "On Debian and Ubuntu: apt install python3-venv. Or start run.py with another Python."
        )
    return python


def hand_over(arguments):
    """Run the command line in this process."""
    sys.path.insert(0, ROOT)
    return importlib.import_module("model.cli").main(arguments)


def start(arguments):
    """Run the command line with a Python that has the packages; returns the exit code."""
    extras = ("test",) if arguments[:1] == ["test"] else ()
    missing = lacking(requirements(extras), installed_here)
    was_set_up = os.environ.pop(IS_SET_UP, None)
    if not missing:
        return hand_over(arguments)
    if was_set_up:
        raise SetUpError("%s lacks %s. Delete that folder and run this again." % (HOME, ", ".join(missing)))
    python = python_of() if is_ready(extras) else set_up(extras)
    return run_there([python, os.path.abspath(__file__)] + arguments, dict(os.environ, **{IS_SET_UP: "1"}))


def run_there(command, environment):
    """Run a command in the same console; returns its exit code. Ctrl-C is left to it."""
    process = subprocess.Popen(command, env=environment)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        code = process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code


def main(arguments):
    """Exit code of the whole."""
    message = too_old(sys.version_info)
    if message:
        say(message)
        return 1
    try:
        return start(arguments)
    except SetUpError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
