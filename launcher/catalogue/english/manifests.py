"""Texts about one file: its text and its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry
from launcher.catalogue.english.documents import ENTRIES as DOCUMENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENTRIES"]

_TEXT: Mapping[str, Entry] = {
    "L100": Entry(
        summary="Not UTF-8",
        detail="Byte {byte} at offset {offset} is not part of any UTF-8 character. Editors would each guess another text, so nothing is read from this file.",
        cause="The file was saved in another encoding, such as UTF-16, GBK or Latin-1, or it is not a text file.",
        cure="Open it in an editor, choose UTF-8 as its encoding, and save it again. `iconv -f GBK -t UTF-8` converts on the command line.",
        hints={
            "default": "Save the file as UTF-8.",
            "utf16": "This looks like UTF-16. Save the file as UTF-8.",
        },
    ),
    "L101": Entry(
        summary="Not YAML",
        detail="The text stops being YAML here; the parser says: {problem}.",
        cause="A character that means something in YAML stands where it cannot: a bracket, a comma, a dash, a bar or a second value.",
        cure="Look at the marked place and the line above it. Quote text that holds such characters, or write it after a `|` on lines of its own.",
        hints={"default": "Quote the text if it is meant as it stands."},
    ),
    "L102": Entry(
        summary="Hidden character",
        detail="{character} stands in this file. It hides or reorders what a reviewer sees, or ends a line for one program and not for another.",
        cause="It came along with text copied from a web page, a terminal or a document, or was put there so that a review shows something other than what runs.",
        cure="Delete the character. A line break in a value is written with `|` and lines of its own. No value may hold control characters other than tab and line breaks, or characters that change the direction of text.",
        hints={
            "raw": "Delete the character.",
            "escape": "Remove the escape: a value may hold tabs and line breaks, but no other control characters and none that turn text around.",
        },
    ),
    "L103": Entry(
        summary="Tab in the indentation",
        detail="A tab stands where YAML counts spaces. How wide a tab is differs from editor to editor, so YAML does not allow it here.",
        cause="The editor inserts tabs, or a line was copied from a file that uses them.",
        cure="Replace the tab with spaces, two for each level, and let the editor insert spaces in YAML files.",
        hints={"default": "Replace the tab with spaces."},
    ),
    "L104": Entry(
        summary="Key given twice",
        detail="`{key}` stands in this mapping already, on line {line}. Programs differ in which of the two they take.",
        cause="A block was copied and its key not changed, or two changes were merged into one file.",
        cure="Keep one of the two and delete the other.",
        hints={"default": "Remove this `{key}` or the one on line {line}."},
    ),
    "L105": Entry(
        summary="Anchor or alias",
        detail="`{name}` refers to another part of the file. In a reviewed file, each value stands where it counts, so anchors and aliases are not read.",
        cause="A value was shared with YAML's `&` and `*`, or a text that starts with one of these characters is not quoted.",
        cure="Write the value out. What all manifests share goes into `spec.defaults` of the workspace, what all environments share into `spec`.",
        hints={
            "anchor": "Remove the anchor. If text starts with `&`, quote it.",
            "alias": "Write the value out. If text starts with `*`, quote it.",
        },
    ),
    "L106": Entry(
        summary="Merge key",
        detail="`<<` merges another mapping into this one. It belongs to YAML 1.1; in YAML 1.2 it is a key like any other, so editors and programs disagree on what this means.",
        cause="Fields were shared with YAML's merge key.",
        cure="Write the fields out, or share them through `spec.defaults` of the workspace.",
        hints={"default": "Write the merged fields out."},
    ),
    "L107": Entry(
        summary="Tag",
        detail="`{tag}` changes the type of the value after it. What is text here is written as text, so tags are not read.",
        cause="A value is marked with `!!str`, `!Ref` or the like, or a text that starts with `!` is not quoted.",
        cure="Remove the tag. To make text of a number, quote it.",
        hints={"default": "Remove the tag. If text starts with `!`, quote it."},
    ),
    "L108": Entry(
        summary="Key is not text",
        detail="{key} is not text. A key is the name of a field, a variable, a label or an environment, so it has to be text.",
        cause="A key looks like a number, a boolean or null, as in `1:`, `true:` or `~:`, or a list or mapping stands where a key belongs; a value such as `{{ version }}` from a template is read as a mapping too.",
        cure='Quote the key, as in `"1":`. If it was meant as a value, quote that.',
        hints={
            "default": "Write {quoted} with its quotes.",
            "collection": "Write a name as the key. If this is text, such as `{{{{ version }}}}`, quote it.",
        },
    ),
    "L109": Entry(
        summary="More than one document",
        detail="A second YAML document begins here. A file holds one document, so that a file and a launch come and go together.",
        cause="Several manifests are joined by `---`, as Kubernetes allows, or the file ends with a `---` line.",
        cure="Move each document to a file of its own, or delete the `---`.",
        hints={"default": "Move what follows `---` to a file of its own."},
    ),
    "L110": Entry(
        summary="Empty file",
        detail="The file holds no document. It is not taken for a launch that was deleted, so nothing is done at all.",
        cause="The file was emptied instead of deleted, holds comments only, or was not saved.",
        cure="Write the document, or delete the file.",
        hints={"default": "Delete the file, or start it with `apiVersion: launcher/v1`."},
    ),
    "L111": Entry(
        summary="Not a mapping",
        detail="The document is {found}. It has to be a mapping: lines of the form `key: value`.",
        cause="The fields stand in a list, or the file holds something other than a manifest.",
        cure="Start the file with `apiVersion: launcher/v1`. If it is no manifest, move it out of the paths of `spec.manifests`.",
        hints={"default": "Start the file with `apiVersion: launcher/v1`."},
    ),
    "L112": Entry(
        summary="File too large",
        detail="The file is larger than {limit} bytes. Nothing is read from it.",
        cause="It is not a manifest, or a value holds a whole file.",
        cure="Keep files below the limit; what a job needs in bulk belongs on a file server or in the job plan.",
        hints={"default": "Shorten the file, or keep it out of the paths of `spec.manifests`."},
    ),
    "L113": Entry(
        summary="Nested too deeply",
        detail="This is more than {limit} levels deep. No field needs as many, and a file that does is read no further.",
        cause="Brackets or dashes are repeated, by a generator that went wrong or to exhaust whoever reads the file.",
        cure="Write the document by the schema; its deepest field has eight levels.",
        hints={"default": "Remove the surplus brackets or dashes."},
    ),
    "L114": Entry(
        summary="Too many values",
        detail="The file holds more than {limit} keys and values. It is read no further.",
        cause="A list was generated, such as one of every host.",
        cure="Name a dynamic group or a topology node instead of each host.",
        hints={"default": "Use `dynamicGroups` or `topoNodes` in place of a long list of hosts."},
    ),
    "L115": Entry(
        summary="YAML directive",
        detail="`{directive}` asks for another reading of the file. It is read as YAML 1.2, as editors do.",
        cause="The file starts with a `%YAML` line for another version, or with a `%TAG` line.",
        cure="Delete the line.",
        hints={"default": "Delete the line."},
    ),
    "L116": Entry(
        summary="Quote never closed",
        detail="The quoted text that begins here has no end.",
        cause="The closing quote is missing, or a quote inside the text ended it early. Inside single quotes a quote is written twice, inside double quotes with a backslash before it.",
        cure="Close the quote, or write the text after a `|` on lines of its own, where quotes mean nothing.",
        hints={"default": "Close the quote."},
    ),
    "L117": Entry(
        summary="Bracket never closed",
        detail="The bracket that opens on line {line} should be closed, or a comma should follow, before this place.",
        cause="A closing bracket or a comma is missing.",
        cure="Close the bracket. Longer lists are easier to read without brackets, one entry per line after `- `.",
        hints={"default": "Close the bracket, or put a comma before this."},
    ),
    "L118": Entry(
        summary="Line does not fit",
        detail="This does not continue what began on line {line}.",
        cause="The line is indented by more or fewer spaces than its neighbours, a `:` is missing, or text follows a closing quote.",
        cure="Give entries of one mapping or list the same indentation, two spaces more than what they belong to.",
        hints={
            "default": "Align this line with the others of its level. If text follows a quote, quote all of it.",
            "no_colon": "Write `key: value`, with a space after the colon.",
            "dash": "Put the list on lines of its own, below the key.",
        },
    ),
    "L119": Entry(
        summary="Text needs quotes",
        detail="`{character}` means something in YAML where it stands here.",
        cause="Text holds `: `, starts with a character such as `@`, `%` or a backtick, or has a backslash in double quotes.",
        cure="Quote the text. In single quotes every character but the quote itself stands for itself.",
        hints={
            "colon": "Quote the text if the colon belongs to it; otherwise start a new line, indented as its level.",
            "indicator": "Quote the text.",
            "escape": "Use single quotes, in which a backslash is a backslash.",
        },
    ),
}

ENTRIES: Mapping[str, Entry] = {**_TEXT, **DOCUMENTS}
