"""Tell how an apply goes while it goes: lines for people on standard error, or JSON lines as the answer."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from launcher.engine.recorded import OutcomeKind
from launcher.errors import ExitCode, LauncherError
from launcher.operations.progress import (
    EffectDone,
    Note,
    Observed,
    Planned,
    Progress,
    Settled,
)
from launcher.render import events, json_text
from launcher.render.changeset import render_changeset
from launcher.render.report import moved, render_no_report, render_report
from launcher.render.telling import answer_line, effect_line, note_line, outcome_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from launcher.cli.face import Face
    from launcher.diagnostics import Diagnostic
    from launcher.operations.applied import Applied

__all__ = ["JsonTeller", "Teller", "TextTeller"]

_LEFT = "L552"
_DARK, _LIGHT = "L271", "L272"
"""JOB tells of no instance that runs, and does so again."""


class Teller(Protocol):
    """Where the progress of an apply goes, and its end."""

    def __call__(self, progress: Progress) -> None:
        """Tell one thing that has happened."""

    def finish(self, applied: Applied) -> None:
        """Tell what came of it all."""


class TextTeller:
    """For people."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._paint = face.paint(face.aside)
        self._environment: str | None = None
        self._told: list[Diagnostic] = []
        self._is_dark = False

    def __call__(self, progress: Progress) -> None:
        """Tell it on standard error."""
        self._face.aside.write(self._line(progress))
        match progress:
            case Planned(changeset, warnings=warnings):
                self._environment = changeset.environment
                self._warn(warnings)
            case Note(diagnostic):
                self._told.append(diagnostic)
                self._is_dark = diagnostic.code == _DARK or (
                    self._is_dark and diagnostic.code != _LIGHT
                )
            case Observed(name, outcome=OutcomeKind.WAITING) if self._environment is not None:
                self._face.aside.write(answer_line(name, self._environment, self._paint))
            case _:
                pass

    def finish(self, applied: Applied) -> None:
        """Give the report as the answer, and what is to be said about it aside."""
        from launcher.cli.failure import show_diagnostics

        paint = self._face.paint(self._face.answer)
        if applied.report is not None:
            self._face.aside.write("\n")
            text = render_report(applied.changeset, applied.report, applied.lockfile, paint)
            self._face.answer.write(text)
        else:
            self._face.answer.write(render_no_report(applied.changeset, paint))
        # The report has a line of its own for each launch that was left.
        left = [item for item in applied.diagnostics if item.code != _LEFT or not applied.report]
        fresh = [item for item in left if item not in self._told]
        show_diagnostics(fresh, self._face, applied.root, below=True)

    def _warn(self, warnings: tuple[Diagnostic, ...]) -> None:
        from launcher.cli.failure import show_diagnostics, workspace_above

        self._told.extend(warnings)
        if warnings:
            show_diagnostics(warnings, self._face, workspace_above(self._face.directory))
            self._face.aside.write("\n")

    def _line(self, progress: Progress) -> str:
        match progress:
            case Planned(changeset):
                return render_changeset(changeset, paint=self._paint) + "\n"
            case EffectDone(kind="read-status") if self._is_dark:
                # That is said, and nothing new comes of every further look.
                return ""
            case EffectDone():
                return effect_line(
                    progress.kind,
                    progress.names,
                    refused=progress.refused,
                    unknown=progress.unknown,
                    time=progress.time,
                    paint=self._paint,
                )
            case Observed():
                return outcome_line(
                    progress.name,
                    attempt=progress.attempt,
                    instance=progress.instance,
                    status=progress.status,
                    outcome=progress.outcome,
                    time=progress.time,
                    paint=self._paint,
                )
            case Settled():
                return outcome_line(
                    progress.name,
                    attempt=progress.attempt,
                    instance=progress.instance,
                    status=None,
                    outcome=progress.outcome,
                    time=progress.time,
                    paint=self._paint,
                )
            case Note(diagnostic, time):
                return note_line(diagnostic, time, self._paint)


class JsonTeller:
    """For programs: first the version, last the summary, whatever happens in between."""

    def __init__(self, face: Face, tool: str, now: Callable[[], datetime]) -> None:
        self._face = face
        self._tool = tool
        self._now = now
        self._environment: str | None = None
        self._told: list[Diagnostic] = []

    @contextmanager
    def framed(self) -> Iterator[None]:
        """Begin with the version; end with a summary where the body ends in an exception."""
        self._write(events.version(self._tool, self._now()))
        try:
            yield
        except LauncherError as error:
            self._fail(error.exit_code, error.diagnostics)
            raise
        except KeyboardInterrupt:
            self._fail(ExitCode.INTERRUPTED)
            raise
        except Exception:
            self._fail(ExitCode.BUG)
            raise

    def __call__(self, progress: Progress) -> None:
        """Write it as one line, and each of its warnings as another."""
        self._write(self._event(progress))
        if isinstance(progress, Planned):
            for item in progress.warnings:
                self._told.append(item)
                self._write(events.diagnostic(item, progress.time))

    def finish(self, applied: Applied) -> None:
        """Write the diagnostics that were not told yet, and the summary."""
        for item in applied.diagnostics:
            if item not in self._told:
                self._write(events.diagnostic(item, self._now()))
        report = applied.report
        self._write(
            events.summary(
                exit_code=applied.exit_code,
                time=self._now(),
                environment=applied.environment,
                digest=applied.changeset.digest,
                stop=report.stop.value if report and report.stop else None,
                started=report.started if report else (),
                blocked=report.blocked if report else None,
                newest=(
                    {change.name: attempt for change, attempt in moved(applied.changeset, report)}
                    if report
                    else None
                ),
                lockfile=applied.lockfile,
            )
        )

    def _fail(self, code: ExitCode, diagnostics: tuple[Diagnostic, ...] = ()) -> None:
        for item in diagnostics:
            self._write(events.diagnostic(item, self._now()))
        self._write(events.summary(exit_code=code, time=self._now(), environment=self._environment))

    def _event(self, progress: Progress) -> dict[str, Any]:
        match progress:
            case Planned(changeset, time):
                self._environment = changeset.environment
                return events.planned(changeset, time)
            case EffectDone(kind, names, refused, unknown, time):
                return events.effect(kind, names, refused=refused, unknown=unknown, time=time)
            case Observed(name, attempt, instance, status, outcome, time):
                return events.observed(
                    name,
                    attempt=attempt,
                    instance=instance,
                    status=status,
                    outcome=outcome,
                    time=time,
                )
            case Settled(name, attempt, instance, outcome, time):
                return events.settled(
                    name, attempt=attempt, instance=instance, outcome=outcome, time=time
                )
            case Note(diagnostic, time):
                self._told.append(diagnostic)
                return events.diagnostic(diagnostic, time)

    def _write(self, event: dict[str, Any]) -> None:
        self._face.answer.write(json_text.line(event))
