"""Texts about the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENTRIES"]

ENTRIES: Mapping[str, Entry] = {
    "L601": Entry(
        summary="Sandbox file cannot be read",
        detail="{path} cannot be read: {reason}. Without it the sandbox has no world to show.",
        cause="A world file or a file of faults is missing, may not be read, is not UTF-8 text, or is larger than 16 MiB.",
        cure="Check the path and its permissions, and save the file as UTF-8.",
        hints={},
    ),
    "L602": Entry(
        summary="Sandbox file is not plain YAML",
        detail="The text cannot be read as YAML: {problem}.",
        cause="A world file or a list of faults is broken YAML, repeats a key, uses an alias, or is nested deeper than 64 levels.",
        cure="Mend the text at the place that is named. Write a repeated value out instead of using an alias.",
        hints={},
    ),
    "L603": Entry(
        summary="Sandbox file has a wrong field",
        detail="{field}: {problem}.",
        cause="A field of a world file or of a fault is unknown, missing, or of another type.",
        cure="Correct the field. Ids of scopes are text (quote them), ids of everything else are numbers.",
        hints={},
    ),
    "L604": Entry(
        summary="Sandbox file names something that is not there",
        detail="{field}: the world has no {value}.",
        cause="A template, group, node, host or plan refers to a scope, host or template that the world file does not list.",
        cure="Add what is missing, or correct the reference. A scope is written type/id, as in biz/2.",
        hints={},
    ),
    "L605": Entry(
        summary="Sandbox file defines something twice",
        detail="{field}: {value} is already taken.",
        cause="Two entries of one list of a world file have the same id or name.",
        cure="Give one of them another id, or remove it.",
        hints={},
    ),
    "L606": Entry(
        summary="Sandbox state belongs to another world",
        detail="{path} holds the state of world {stored}; the world file is that of {wanted}. Instances of one world mean nothing in another.",
        cause="The world file names an id, and the state that is kept was made for another one.",
        cure="Use the world file that the state was made with, or move the state file away to begin anew.",
        hints={},
    ),
    "L607": Entry(
        summary="Sandbox state cannot be used",
        detail="The sandbox's state in {path} cannot be read or written: {reason}.",
        cause="The state file is damaged, was made by another version, may not be written, or was held by another process for too long.",
        cure="Check the permissions of the file and its folder. If it is damaged, move it away: the sandbox begins anew.",
        hints={},
    ),
    "L608": Entry(
        summary="Sandbox cannot listen",
        detail="Port {port} on 127.0.0.1 cannot be used: {reason}.",
        cause="Another process listens on the port, or the port may not be used.",
        cure="Choose another port; 0 takes any that is free.",
        hints={"default": "launcher sandbox serve --port 0"},
    ),
    "L609": Entry(
        summary="Sandbox variable has two ids",
        detail="{field}: variable {name} has id {first} in another plan of the same template. On JOB an id is the template's, the same in all its plans.",
        cause="Two plans of one template in a world file give a variable of the same name different ids.",
        cure="Use the same id in every plan of the template.",
        hints={},
    ),
}
