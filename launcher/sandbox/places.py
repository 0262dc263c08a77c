"""The things of a world by id: a definition with its indexes, built once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from launcher.sandbox.definition import Account, Definition, Group, Host, Node, ScopeEntry, User
    from launcher.sandbox.plan_definition import Plan, Template

__all__ = ["Places"]


@dataclass(frozen=True)
class Places:
    """Lookups into a definition; a plan belongs to the scope of its template."""

    definition: Definition

    @cached_property
    def scopes(self) -> dict[str, ScopeEntry]:
        """Scopes by `type/id`."""
        return {item.key: item for item in self.definition.scopes}

    @cached_property
    def templates(self) -> dict[int, Template]:
        """Templates by id, deleted ones included."""
        return {item.id: item for item in self.definition.templates}

    @cached_property
    def plans(self) -> dict[int, Plan]:
        """Job plans by id."""
        return {item.id: item for item in self.definition.plans}

    @cached_property
    def hosts(self) -> dict[int, Host]:
        """Hosts by id."""
        return {item.id: item for item in self.definition.hosts}

    @cached_property
    def addresses(self) -> dict[tuple[int, str], Host]:
        """Hosts by (cloud area, IPv4)."""
        return {(item.cloud, item.ip): item for item in self.definition.hosts}

    @cached_property
    def groups(self) -> dict[tuple[str, str], Group]:
        """Dynamic groups by (scope, id)."""
        return {(item.scope, item.id): item for item in self.definition.groups}

    @cached_property
    def nodes(self) -> dict[tuple[str, str, int], Node]:
        """Topology nodes by (scope, type, id)."""
        return {(item.scope, item.type, item.id): item for item in self.definition.nodes}

    @cached_property
    def accounts(self) -> dict[int, Account]:
        """Accounts by id."""
        return {item.id: item for item in self.definition.accounts}

    @cached_property
    def users(self) -> dict[str, User]:
        """Users by name."""
        return {item.name: item for item in self.definition.users}

    def plan_in(self, scope: str, plan_id: int) -> Plan | None:
        """The plan of that id, if it belongs to that scope."""
        found = self.plans.get(plan_id)
        return found if found is not None and self.scope_of(found) == scope else None

    def scope_of(self, plan: Plan) -> str:
        """The scope of `plan`."""
        return self.templates[plan.template].scope
