"""What the JSON answers of commands that write manifests promise: `import` and `pin`."""

from __future__ import annotations

from launcher.render.schema_words import (
    NUMBER,
    TEXT,
    VERSION,
    described,
    list_of,
    object_of,
    or_null,
    ref,
)

__all__ = ["IMPORTED", "PINNED"]

IMPORTED = object_of(
    {
        "format_version": VERSION,
        "environment": TEXT,
        "manifests": described(
            list_of(
                object_of(
                    {
                        "name": described(TEXT, "The launch."),
                        "manifest": described(TEXT, "The file, relative to the workspace."),
                        "plan": object_of({"id": NUMBER, "name": TEXT}),
                        "written": described(
                            {"type": "boolean"},
                            "False where the launch has a manifest already, which was kept, and with `--stdout`.",
                        ),
                        "unfilled": described(
                            list_of(TEXT), "Required variables without a default: to be filled in."
                        ),
                        "ciphers": described(
                            list_of(TEXT), "Variables whose value JOB keeps to itself."
                        ),
                        "text": described(
                            TEXT,
                            "The manifest; as it would be written anew, where it was not written.",
                        ),
                    }
                )
            ),
            "In the order the job plans were asked for.",
        ),
        "diagnostics": list_of(ref("diagnostic")),
    }
)

PINNED = object_of(
    {
        "format_version": VERSION,
        "environment": described(TEXT, "Whose job plan is meant."),
        "name": TEXT,
        "manifest": described(TEXT, "The file, relative to the workspace."),
        "field": described(TEXT, "Where the pin stands in it, or stood."),
        "environments": described(list_of(TEXT), "Where that counts."),
        "before": described(or_null(TEXT), "The digest that was pinned; null for none."),
        "after": described(or_null(TEXT), "The digest that is pinned now; null for none."),
        "changed": described({"type": "boolean"}, "The file was rewritten."),
        "plan": described(
            or_null(object_of({"id": NUMBER, "name": TEXT, "digest": TEXT})),
            "The job plan as it reads now; null with `--remove`.",
        ),
        "drift": described(
            or_null(ref("drift")),
            "What has changed in it since the former pin, or since it last ran; null where nothing has, or nobody knows.",
        ),
        "diagnostics": list_of(ref("diagnostic")),
    }
)
