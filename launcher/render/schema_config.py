"""What the JSON answer of `config show` promises."""

from __future__ import annotations

from launcher.render.schema_words import (
    NUMBER,
    TEXT,
    VERSION,
    described,
    list_of,
    object_of,
    one_of,
    or_null,
    ref,
)

__all__ = ["CONFIG"]

SETTINGS = list_of(
    object_of(
        {
            "name": described(TEXT, "As the user configuration calls it, or would."),
            "value": described(or_null(TEXT), "Null for a secret, and where it is not set."),
            "secret": {"type": "boolean"},
            "set": {"type": "boolean"},
            "source": one_of(["flag", "environment", "file", "default"]),
            "variable": described(or_null(TEXT), "The variable that holds the value."),
            "secret_file": described(or_null(TEXT), "The file that holds the value."),
            "path": described(or_null(TEXT), "The user configuration, where that says so."),
            "line": or_null(NUMBER),
        }
    )
)

CONFIG = object_of(
    {
        "format_version": VERSION,
        "user_config": object_of(
            {
                "path": described(or_null(TEXT), "Where it is looked for."),
                "variable": described(or_null(TEXT), "The variable that names it."),
                "exists": {"type": "boolean"},
                "servers": described(list_of(TEXT), "The names that it describes."),
            }
        ),
        "environment": described(
            or_null(TEXT), "The environment that is meant: as asked for, or the default one."
        ),
        "settings": described(SETTINGS, "What is about no server in particular."),
        "servers": described(
            list_of(
                object_of(
                    {
                        "name": TEXT,
                        "environments": described(
                            list_of(TEXT), "Those of the workspace that name it."
                        ),
                        "sandbox": {"type": "boolean"},
                        "usable": described(
                            {"type": "boolean"}, "A run could use it as it is described."
                        ),
                        "source": described(
                            or_null(one_of(["environment", "file"])),
                            "What describes it as a whole; null where nothing does.",
                        ),
                        "settings": SETTINGS,
                        "unused": described(
                            list_of(TEXT),
                            "Variables about a server that do not count for this one.",
                        ),
                    }
                )
            ),
            "Each server once, that of `environment` first; one alone with `-e` or `--server`.",
        ),
        "diagnostics": described(
            list_of(ref("diagnostic")),
            "Why a run with the first of the servers could not use the settings as they are.",
        ),
    }
)
