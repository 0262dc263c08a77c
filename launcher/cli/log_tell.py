"""Tell what jobs have printed: as it comes, for people or as JSON lines, or all at once as one JSON document."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from launcher.diagnostics import Diagnostic
from launcher.errors import ExitCode, LauncherError, SurroundingsFailed
from launcher.operations.log_pieces import Piece
from launcher.operations.logs import Began, Quiet, Trouble, Waits
from launcher.render import events, json_text, looking
from launcher.render.logs import render_log, render_logs_title, render_quiet, render_waits
from launcher.render.results import step_line
from launcher.render.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from launcher.cli.face import Face
    from launcher.engine.results import HostKey
    from launcher.operations.logs import LogsRequest, LogsResult

__all__ = ["DocumentTeller", "LinesTeller", "LogTeller", "PeopleTeller"]

Heard = Began | Piece | Quiet | Trouble | Waits

_MIB = 1024 * 1024
_LIMIT = 64 * _MIB
"""Characters of logs in one document."""


class LogTeller(Protocol):
    """Where what is read goes."""

    def __call__(self, heard: Heard) -> None:
        """Take one thing that was read."""

    def finish(self, result: LogsResult) -> None:
        """Take what came of it all."""


class PeopleTeller:
    """For people: headings and lines, at once."""

    def __init__(self, face: Face, request: LogsRequest) -> None:
        self._face = face
        self._request = request
        self._paint = face.paint(face.answer)
        self._step: tuple[int, int, int] | None = None

    def __call__(self, heard: Heard) -> None:
        """Write it."""
        write = self._face.answer.write
        match heard:
            case Began(name, attempt, found):
                write(render_logs_title(name, attempt, found, self._paint))
            case Piece():
                self._head(heard)
                shown = render_log(
                    heard.host,
                    heard.text,
                    heard.files,
                    anew=heard.anew,
                    too_long=heard.too_long,
                    paint=self._paint,
                )
                write(shown)
            case Quiet(_, step):
                self._head(heard)
                write(render_quiet(step, failed=self._request.failed))
            case Waits(name, environment):
                aside = self._face.aside
                aside.write(render_waits(name, environment, self._face.paint(aside)))
            case Trouble(message):
                self._face.aside.write(f"{visible(message)} Trying again.\n")

    def finish(self, result: LogsResult) -> None:
        """Say how the job stands where it was followed, and what is to be said about its logs."""
        from launcher.cli.failure import show_diagnostics

        if self._request.follow:
            title = render_logs_title(
                result.name,
                result.attempt.number,
                result.found,
                self._face.paint(self._face.aside),
            )
            self._face.aside.write(f"\n{title}")
        show_diagnostics(result.diagnostics, self._face, result.root, below=True)

    def _head(self, heard: Piece | Quiet) -> None:
        """The step's line, where another one was told of last, or this one has moved on."""
        step = heard.step.step
        now = (step.id, step.executions, step.status)
        if now != self._step:
            self._face.answer.write(f"\n{step_line(heard.number, heard.step, self._paint)}\n")
        self._step = now


class LinesTeller:
    """For programs, at once: first the version, last the summary."""

    def __init__(self, face: Face, tool: str, now: Callable[[], datetime]) -> None:
        self._face = face
        self._tool = tool
        self._now = now

    @contextmanager
    def framed(self) -> Iterator[None]:
        """Begin with the version; end with a summary where the body ends in an exception."""
        self._write(events.version(self._tool, self._now()))
        try:
            yield
        except LauncherError as error:
            for item in error.diagnostics:
                self._write(events.diagnostic(item, self._now()))
            self._end(error.exit_code)
            raise
        except KeyboardInterrupt:
            self._end(ExitCode.INTERRUPTED)
            raise
        except Exception:
            self._end(ExitCode.BUG)
            raise

    def __call__(self, heard: Heard) -> None:
        """Write it as one line."""
        match heard:
            case Began(name, attempt, found):
                self._tell("instance", looking.instance_data(name, attempt, found))
            case Piece():
                log = looking.log_data(heard.host, heard.text, heard.files, too_long=heard.too_long)
                step = looking.step_data(heard.number, heard.step)
                self._tell("log", {**step, "anew": heard.anew, "log": log})
            case Quiet(number, step_results):
                self._tell("step", looking.step_data(number, step_results))
            case Waits(name, environment):
                self._tell("waiting", {"name": name, "environment": environment})
            case Trouble(message):
                self._tell("trouble", {"message": message})

    def finish(self, result: LogsResult) -> None:
        """Write the diagnostics and the summary."""
        for item in result.diagnostics:
            self._write(events.diagnostic(item, self._now()))
        instance = looking.instance_data(result.name, result.attempt.number, result.found)
        self._end(result.exit_code, result.environment, instance)

    def _end(
        self, code: ExitCode, environment: str | None = None, instance: dict[str, Any] | None = None
    ) -> None:
        self._tell(
            "summary", {"exit_code": int(code), "environment": environment, "instance": instance}
        )

    def _tell(self, kind: str, data: dict[str, Any]) -> None:
        self._write({"type": kind, "time": self._now().isoformat(), **data})

    def _write(self, event: dict[str, Any]) -> None:
        self._face.answer.write(json_text.line(event))


class DocumentTeller:
    """For programs, when all is read."""

    def __init__(self, face: Face, request: LogsRequest) -> None:
        self._face = face
        self._request = request
        self._steps: dict[int, dict[str, Any]] = {}
        self._hosts: dict[int, dict[HostKey, dict[str, Any]]] = {}
        self._length = 0

    def __call__(self, heard: Heard) -> None:
        """Keep it.

        Raises:
            SurroundingsFailed: there is more than one document may hold.
        """
        if isinstance(heard, Piece | Quiet):
            self._steps[heard.number] = looking.step_data(heard.number, heard.step)
            hosts = self._hosts.setdefault(heard.number, {})
            if isinstance(heard, Piece):
                self._keep(heard, hosts)

    def finish(self, result: LogsResult) -> None:
        """Write all of it."""
        from launcher.cli.failure import show_diagnostics

        steps = [
            {**self._steps[number], "hosts": list(self._hosts[number].values())}
            for number in sorted(self._steps)
        ]
        instance = looking.instance_data(result.name, result.attempt.number, result.found)
        data = looking.logs_data(result.environment, instance, steps, result.diagnostics)
        self._face.answer.write(json_text.document(data))
        show_diagnostics(result.diagnostics, self._face, result.root)

    def _keep(self, piece: Piece, hosts: dict[HostKey, dict[str, Any]]) -> None:
        new = looking.log_data(piece.host, piece.text, piece.files, too_long=piece.too_long)
        self._length += len(piece.text) + sum(len(item.text) for item in piece.files)
        if self._length > _LIMIT:
            facts = {
                "limit": str(_LIMIT // _MIB),
                "name": self._request.name,
                "environment": self._request.environment or "ENV",
            }
            raise SurroundingsFailed(Diagnostic("L358", facts))
        before = hosts.get(piece.host.host)
        if before is not None and not piece.anew:
            new["text"] = before["text"] + new["text"]
            new["files"] = _merged(before["files"], new["files"])
        hosts[piece.host.host] = new


def _merged(before: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The files by their way: one that is told of again has moved on."""
    found = {(it["source"], it["source_path"], it["target_path"]): it for it in [*before, *new]}
    return list(found.values())
