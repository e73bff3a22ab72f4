"""The Pulumi CLI as cellfleet runs it: out of reach of the terminal's Ctrl-C, so that its operations end in order."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from pulumi.automation import CommandResult, PulumiCommand
from pulumi.automation.errors import create_command_error
from semver import VersionInfo

Listener = Callable[[str], object]


class Cli(PulumiCommand):
    """One Pulumi executable, shared by all stacks and threads.

    Each run is in a session of its own: a Ctrl-C reaches cellfleet alone, which forwards one SIGINT to each run. A CLI
    that got the terminal's signal as well would take the second one for "stop at once" and leave its lock behind.
    """

    def __init__(self, executable: Path, version: VersionInfo) -> None:
        self.command = str(executable)
        self.version = version
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.RLock()  # a signal's handler may come while its own thread holds it

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Listener | None = None,
        on_error: Listener | None = None,
    ) -> CommandResult:
        """Run one command to its end.

        Raises pulumi.automation's CommandError, or a kind of it, when the command fails.
        """
        environment = {**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        # plugins that came with the CLI stand beside it
        environment["PATH"] = os.pathsep.join([str(Path(self.command).parent), environment.get("PATH", "")])
        process = subprocess.Popen(
            [self.command, "--non-interactive", *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=environment,
            encoding="utf-8",
            start_new_session=True,
        )
        with self._lock:
            self._running.add(process)
        try:
            with process:
                errors: list[str] = []
                reader = threading.Thread(target=_read, args=(process.stderr, errors, on_error), daemon=True)
                reader.start()
                output: list[str] = []
                _read(process.stdout, output, on_output)
                reader.join()
        finally:
            with self._lock:
                self._running.discard(process)
        result = CommandResult("\n".join(output), "\n".join(errors), process.returncode)
        if process.returncode:
            raise create_command_error(result)
        return result

    def interrupt(self) -> None:
        """Ask each run to end the operations that it is at, and begin no other."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """End each run at once, with what it started; stacks are left locked, with operations pending."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with self._lock:
            for process in self._running:
                with suppress(ProcessLookupError):
                    if number is signal.SIGKILL:
                        os.killpg(process.pid, number)
                    else:
                        process.send_signal(number)


def _read(stream: IO[str] | None, lines: list[str], listener: Listener | None) -> None:
    assert stream is not None
    for line in stream:
        lines.append(line.rstrip())
        if listener:
            listener(lines[-1])
