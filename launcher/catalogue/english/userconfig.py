"""Texts about the user configuration and the choice of a server: L507 to L509, L516 to L519, L547 to L549."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["USER_CONFIGURATION"]

_NO_HINTS: Mapping[str, str] = {}

USER_CONFIGURATION: Mapping[str, Entry] = {
    "L507": Entry(
        summary="The environment describes half a server",
        detail="{variables} would change where the server `{server}` is, but the environment holds no "
        "address, so {config} describes that server as a whole.",
        cause="Address, door, stage and credentials of a server come from one source. A variable alone "
        "would be passed over, and the launch would go somewhere else than it seems.",
        cure="Remove the variable, or write what it says into the user configuration; or set an address in "
        "the environment, with all that belongs to it.",
        hints={"default": "Remove {variables}, or set it in the user configuration."},
    ),
    "L508": Entry(
        summary="The server is not known",
        detail="Nothing describes the server `{server}`. The servers that are described: {known}.",
        cause="The workspace names a server that the user configuration does not hold, or that LAUNCHER_SERVER "
        "does not name.",
        cure="Add the server to the user configuration, or correct the name. `launcher config show` prints "
        "where that file is. LAUNCHER_SERVER says which server the variables of the environment describe; "
        "without it they describe whichever is asked for.",
        hints={
            "default": "Describe it in {config}.",
            "nearest": "Did you mean `{nearest}`? Otherwise describe it in {config}.",
        },
    ),
    "L509": Entry(
        summary="Two variables for one setting differ",
        detail="{first} and {second} are two names of one setting, and hold different values.",
        cause="One was set by hand, the other by the platform that runs this process.",
        cure="Unset one of them, or give both the same value.",
        hints={"default": "Unset {first} or {second}."},
    ),
    "L516": Entry(
        summary="The user configuration lies inside the repository",
        detail="The way to {path} leads through {root}. A pull request could bring such a file or link along "
        "and choose where credentials are sent, so it is not read.",
        cause="LAUNCHER_CONFIG, the home folder or a symbolic link leads into the checkout.",
        cure="Keep the file outside of every repository; the repository only names servers.",
        hints={
            "default": "Move the file out of the repository, and set LAUNCHER_CONFIG to where it is."
        },
    ),
    "L517": Entry(
        summary="Others may read a secret",
        detail="{path} holds a secret as plain text, and its mode {mode} lets others than its owner read it.",
        cause="The file was created with the usual permissions.",
        cure="Let its owner alone read and write it, or refer to the secret with `{env: VARIABLE}` or "
        "`{file: PATH}`. A secret that others could read is best replaced.",
        hints={"default": "Run this, or refer to the secret instead:\nchmod 600 {path}"},
    ),
    "L518": Entry(
        summary="Everybody may write the user configuration",
        detail="The mode {mode} of {path} lets everybody change where credentials are sent.",
        cause="The file was created or copied with permissions for everybody.",
        cure="Let its owner alone write it.",
        hints={"default": "Run:\nchmod 600 {path}"},
    ),
    "L519": Entry(
        summary="A reference leads nowhere",
        detail="`{field}` refers to a secret that cannot be read. {what}: {reason}.",
        cause="The variable is not set for this process, or the file is missing, empty, not readable, not "
        "UTF-8 text or larger than 64 KiB, or lies inside the repository. A relative path counts from the folder of the user configuration.",
        cure="Set the variable, put the file there, or correct the reference.",
        hints=_NO_HINTS,
    ),
    "L547": Entry(
        summary="The user configuration cannot be read",
        detail="{path} cannot be read: {reason}.",
        cause="LAUNCHER_CONFIG names a file that is not there, or the file is no regular file, is empty, or "
        "may not be read by this user.",
        cure="Correct LAUNCHER_CONFIG, or unset it for the usual place, where the file may be missing. "
        "`LAUNCHER_CONFIG=/dev/null` stands for no user configuration.",
        hints=_NO_HINTS,
    ),
    "L548": Entry(
        summary="ESB has no address",
        detail="The door is `esb`, and {variable} is an address of the API gateway only.",
        cause="ESB and the API gateway have addresses of their own; one does not tell the other.",
        cure="Set LAUNCHER_URL (or BK_COMPONENT_API_URL), in the user configuration `url`, to the base of ESB "
        "up to but not including `/api/c/compapi`; or use the door `gateway`.",
        hints={
            "default": "Set LAUNCHER_URL, or `url` in the user configuration, to what stands before "
            "`/api/c/compapi`."
        },
    ),
    "L549": Entry(
        summary="The name of the sandbox is taken",
        detail="`{name}` is the built-in JOB server, which needs no address and takes none.",
        cause="A server of the user configuration has that name. It would never be used.",
        cure="Give the server another name, and use that in the workspace.",
        hints={"default": "Choose another name, such as `remote`."},
    ),
}
