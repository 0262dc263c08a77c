"""Lets processes come and go in a world of trouble, and then come to rest in a healthy one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from launcher.engine.effects import Begin, Wait
from launcher.engine.report import Limits, Report, Stop
from tests.support.seeded.people import ACTS, flow_of
from tests.support.seeded.process import Errand
from tests.support.seeded.runner import Runner
from tests.support.seeded.server import MARKER
from tests.support.seeded.states import OPEN_AGAIN_S, Drawer, State
from tests.support.seeded.story import answered, asked, declared
from tests.support.seeded.times import Clock, seconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.support.seeded.world import World

__all__ = ["Endless", "Living"]

_MOST_EFFECTS = 3000
_STATES = 3
_RUNS_AT_REST = 6
_TASKS = ("launch", "retry", *ACTS)


class Endless(AssertionError):
    """A process asks and asks, and comes to no end."""


@dataclass(slots=True)
class Living:
    """A life under way.

    Attributes:
        state: what is declared now.
        marker: name of the marker variable; `None` where instances carry none.
    """

    world: World
    chance: Random
    single: bool
    tell: Callable[[str], None] | None
    change: Callable[[Errand], Errand]
    slots: list[Runner | None] = field(default_factory=list)
    born_s: list[float] = field(default_factory=list)
    processes: int = 0
    drawer: Drawer = field(init=False)
    state: State = field(init=False)
    limits: Limits = field(init=False)
    marker: str | None = field(init=False)
    last: int = 0
    at_rest: bool = False
    word: str = ""

    def __post_init__(self) -> None:
        chance = self.chance
        self.drawer = Drawer(chance, single_phase=self.single)
        self.state = self.drawer.draw(0)
        grace_s = chance.choice((20, 40, 120))
        self.limits = Limits(
            start_window_s=5,
            start_grace_s=grace_s,
            start_limit_s=5 * grace_s,
            poll_s=chance.choice((2, 2, 10)),
            wait_s=chance.choice((60, 300, 900)),
            parallelism=chance.choice((1, 2, 16)),
            heartbeat_s=None if self.world.told else 15,
            notes_s=0 if self.world.told else chance.choice((0, 20)),
        )
        self.marker = MARKER if self.single or chance.random() < 0.85 else None
        if self.marker is None:
            # Of an instance that begins unheld nothing could be known without a marker.
            self.world.troubles.not_held_back = 0.0
            self.world.unmarked = True
        count = chance.choice((2, 2, 3, 4))
        self.slots = [None] * count
        self.born_s = [chance.choice((0, 0, 5, 60)) for _ in range(count)]

    # --- trouble ------------------------------------------------------------------------------

    def through_trouble(self) -> None:
        """Let processes come and go, at least until each of the desired states has had its turn."""
        effects = self.chance.choice((80, 160, 240))
        while effects > 0:
            # A call is begun and awaited, and is one thing all the same.
            effects -= 0 if self._step() else 1
        while self.drawer.commits < _STATES:
            self._change_state()

    def _step(self) -> bool:
        """Let something happen; whether it was no more than that a call was begun."""
        slot = self._next_slot()
        runner = self.slots[slot]
        if runner is None:
            runner = self.slots[slot] = self._born()
        troubles = self.world.troubles
        if self.world.happens(troubles.paused):
            runner.wake_s = self.world.t + self.chance.choice((1, 4, 7, 30, 130, 700))
            self._say(f"{runner} is stopped until {runner.wake_s:.1f}")
            return False
        self._trouble_outside(runner)
        if self.world.happens(troubles.dies):
            self._die(slot, runner)
            return False
        begins = isinstance(runner.asked, Begin)
        self._move(slot, runner)
        return begins

    def _next_slot(self) -> int:
        """One that is ready; often the same one again, or nobody would ever get far."""
        world = self.world
        times = [
            self.born_s[number] if runner is None else runner.wake_s
            for number, runner in enumerate(self.slots)
        ]
        ready = [number for number, wake_s in enumerate(times) if wake_s <= world.t]
        if not ready:
            soonest = min(range(len(times)), key=times.__getitem__)
            world.t = times[soonest]
            return soonest
        if self.last in ready and self.chance.random() < 0.7:
            return self.last
        self.last = self.chance.choice(ready)
        return self.last

    def _born(self) -> Runner:
        self.processes += 1
        world, chance = self.world, self.chance
        errand = Errand(
            number=self.processes,
            state=self.state,
            wait=self.at_rest or chance.random() < 0.75,
            marker=self.marker,
            limits=self.limits,
            stale_s=60,
            task=self._task(),
            draw=chance.random(),
        )
        off_s = chance.choice((0, 0, 3, -3, 40)) if world.troubles.jumps else 0
        errand = self.change(errand)
        clock = Clock(off_s, origin_s=chance.choice((0.0, 1e5)))
        runner = Runner(errand, flow_of(errand), clock)
        world.living[errand.session] = runner
        world.count("processes")
        self._say(f"{runner} begins to {errand.task}, for commit {self.state.commit}")
        return runner

    def _task(self) -> str:
        if self.at_rest or self.chance.random() < 0.75:
            return "apply"
        task = self.chance.choice(_TASKS)
        self.world.count(task)
        return task

    def _trouble_outside(self, runner: Runner) -> None:
        world, troubles = self.world, self.world.troubles
        if world.happens(troubles.jumps):
            runner.clock.off_s += self.chance.choice((-4000, -200, -30, 30, 200, 4000))
            world.rules.jumped = True
            self._say(f"the wall clock of {runner} is {runner.clock.off_s} s off")
        if world.happens(troubles.meddling):
            what = world.server.meddle()
            if what:
                world.count("meddling")
                self._say(what)

    def _die(self, slot: int, runner: Runner) -> None:
        late = self.chance.random() < 0.5 and self._ask(runner)
        if late:
            self._perform(runner)
        self._say(f"{runner} dies{' after it' if late else ''}")
        self.world.count("deaths")
        self._end(slot, runner)
        if self.chance.random() < 0.6:
            self._change_state()

    def _change_state(self) -> None:
        self.state = self.drawer.draw(self.world.t)
        self._say(f"commit {self.state.commit}: {declared(self.state)}")

    # --- one process --------------------------------------------------------------------------

    def _move(self, slot: int, runner: Runner) -> None:
        """Perform the effect that the process has asked for, or let it ask for the first one."""
        if runner.asked is None and not self._ask(runner):
            self._ended(slot, runner, None)
            return
        self._perform(runner)
        self._hear(slot, runner)

    def _ask(self, runner: Runner) -> bool:
        if runner.asked is None:
            runner.asked = next(runner.flow, None)
        return runner.asked is not None

    def _perform(self, runner: Runner) -> None:
        runner.effects += 1
        if runner.effects > _MOST_EFFECTS:
            raise Endless(f"{runner} asks and asks, and comes to no end")
        runner.answer = self.world.perform(runner, runner.asked)
        self.world.t += 0.1
        if self.tell is not None:
            self._say(f"{runner} {asked(runner.asked)} -> {answered(runner.answer)}")

    def _hear(self, slot: int, runner: Runner) -> None:
        try:
            runner.asked = runner.flow.send(runner.answer)
        except StopIteration as end:
            self._ended(slot, runner, end.value)

    def _ended(self, slot: int, runner: Runner, report: Report | str | None) -> None:
        if runner.under_way:
            self.world.rules.violations.append(f"{runner} ends and awaits not what it has begun")
        if isinstance(report, Report):
            self.world.rules.check_end(runner, self.world.record.present())
        if isinstance(report, Report):
            word = str(report.stop) if report.stop else "done"
            if runner.heard and report.stop not in (Stop.LEDGER, Stop.LOST_SESSION):
                self.world.closed_well.add(runner.errand.session)
        else:
            word = str(report)
        self.word = word
        self.world.count(f"end: {word}")
        self._say(f"{runner} ends: {word}")
        self._end(slot, runner)
        if not self.at_rest and self.chance.random() < 0.2:
            self._change_state()

    def _end(self, slot: int, runner: Runner) -> None:
        runner.flow.close()
        self.world.calls.die(runner)
        self.world.living.pop(runner.errand.session, None)
        self.slots[slot] = None
        self.born_s[slot] = self.world.t + self.chance.choice((0, 1, 20, 100))

    # --- rest ---------------------------------------------------------------------------------

    def to_rest(self) -> None:
        """Let whoever lives come to an end in a world that is healthy again, then apply the last state in peace."""
        world = self.world
        world.heal()
        self._say("from here on nothing goes wrong")
        for slot, runner in enumerate(self.slots):
            if runner is not None and self.chance.random() < 0.5:
                self._end(slot, runner)
        while any(self.slots):
            self._let_one_move()
        world.record.settle()
        self.state = self.drawer.draw(world.t, last=True)
        self._say(f"commit {self.state.commit}: {declared(self.state)}")
        self.slots, self.last, self.at_rest = [None], 0, True
        # Who waits for less than it takes to see that a START was lost never sees it.
        self.limits = replace(self.limits, wait_s=2 * self.limits.start_limit_s)
        self._catch_up_with_the_record()
        quiet = 0
        for turn in range(_RUNS_AT_REST):
            # What is held back for a while, or prepared for too long, has its turn after an hour.
            world.t += 4000 if turn == 2 else 300
            if turn == 2 and (self.drawer.guards.windows or self.drawer.guards.freezes):
                world.t = max(world.t, OPEN_AGAIN_S)
            world.server.agree_to_all()
            self.slots[0] = runner = self._born()
            runner.wake_s = world.t
            self.word = ""
            while self.slots[0] is not None:
                self._let_one_move()
            quiet = quiet + 1 if self.word == "nothing to do" else 0
            if turn >= 2 and quiet:
                break

    def _catch_up_with_the_record(self) -> None:
        """A session whose last event was written by a clock that was ahead is stale only after that time."""
        last = self.world.record.present().last_time
        if last is not None:
            self.world.t = max(self.world.t, seconds(last))

    def _let_one_move(self) -> None:
        times = [it.wake_s if it is not None else float("inf") for it in self.slots]
        ready = [number for number, wake_s in enumerate(times) if wake_s <= self.world.t]
        if ready:
            slot = self.chance.choice(ready) if len(ready) > 1 else ready[0]
        else:
            slot = min(range(len(times)), key=times.__getitem__)
            self.world.t = times[slot]
        runner = self.slots[slot]
        if runner is None:
            raise IndexError("nobody is left to move")
        if isinstance(runner.asked, Wait):
            self.world.server.agree_to_all()
        self._move(slot, runner)

    def _say(self, text: str) -> None:
        if self.tell is not None:
            self.tell(f"{self.world.t:9.1f} {text}")
