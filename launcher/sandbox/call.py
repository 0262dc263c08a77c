"""One call on its way through the world: what a handler is given, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from launcher.sandbox.codes import Code
from launcher.sandbox.definition import Action
from launcher.sandbox.permissions import denial, is_denied
from launcher.sandbox.refusal import Refused

if TYPE_CHECKING:
    from launcher.sandbox.definition import ScopeEntry
    from launcher.sandbox.faults import Fault
    from launcher.sandbox.params import Params
    from launcher.sandbox.places import Places
    from launcher.sandbox.state import Instance, State, StepInstance
    from launcher.sandbox.wire import Json

__all__ = ["Call", "Result"]

_Kind = TypeVar("_Kind", bound="Fault")


@dataclass(frozen=True, slots=True)
class Call:
    """A call that passed the checks in front of every operation.

    Attributes:
        state: the world, with everything done that was due by `now_ms`.
        found_scope: the scope of the call; `None` only for operations that allow it.
        faults: the scripted faults that fire on this call.
    """

    places: Places
    speed: float
    state: State
    now_ms: int
    params: Params
    found_scope: ScopeEntry | None
    user: str
    app_code: str
    door: Literal["gateway", "esb"]
    english: bool
    faults: tuple[Fault, ...]

    @property
    def scope(self) -> ScopeEntry:
        """The scope of the call.

        Raises:
            Refused: the call has none; the lookup fails inside the server.
        """
        if self.found_scope is None:
            raise Refused(Code.INTERNAL_ERROR)
        return self.found_scope

    def fault(self, kind: type[_Kind]) -> _Kind | None:
        """The first fault of that kind that fires on this call."""
        return next((item for item in self.faults if isinstance(item, kind)), None)

    def after_s(self, seconds: float) -> int:
        """The world's time in `seconds`, at the world's speed."""
        return self.now_ms + round(seconds * 1000 / self.speed)

    def instance(self, instance_id: int) -> Instance:
        """The instance of that id in this scope.

        Raises:
            Refused: unknown, of another scope, or no longer kept.
        """
        found = self.state.find(instance_id, self.now_ms)
        if found is None or found.scope != self.scope.key:
            raise Refused(Code.INSTANCE_NOT_FOUND)
        return found

    def viewable(self, instance_id: int) -> Instance:
        """The instance of that id, if the caller may look at it; its operator always may.

        Raises:
            Refused: it is unknown, or the caller lacks `view_history`.
        """
        found = self.instance(instance_id)
        if found.operator != self.user and is_denied(self, Action.HISTORY):
            raise denial(self, Action.HISTORY)
        return found

    def step(self, instance: Instance, step_id: int, code: Code) -> StepInstance:
        """The step of that id.

        Raises:
            Refused: with `code`, if the instance has no such step.
        """
        found = instance.step(step_id)
        if found is None:
            raise Refused(code)
        return found


@dataclass(frozen=True, slots=True)
class Result:
    """What a handler gives back: the world afterwards and the `data` of its answer."""

    state: State
    data: Json
