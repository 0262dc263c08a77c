"""Texts about the shape of one document, and about the files of a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.catalogue import Entry
from launcher.catalogue.english.times import ENTRIES as TIMES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENTRIES"]

_FIELDS: Mapping[str, Entry] = {
    "L120": Entry(
        summary="Unknown field",
        detail="`{name}` is not a field of {inside}. Nothing would come of it, so it is refused rather than ignored.",
        cause="The name is misspelt, stands at the wrong level, or belongs to a version of launcher that this is not.",
        cure="Use one of the fields that the schema names at this level; an editor that knows the schema offers them.",
        hints={
            "default": "Fields here are {known}.",
            "near": "Did you mean `{close}`?",
            "later": "This version of launcher does not support `{name}`. Remove it: a rule that is not kept would only look like one.",
            "address": "Name the server with `server`. Addresses and credentials come from settings outside the repository, so that a pull request cannot redirect a launch.",
        },
    ),
    "L121": Entry(
        summary="Missing field",
        detail="`{name}` is missing in {inside}.",
        cause="The field was left out, or stands at another level.",
        cure="Add the field. `spec` may be left empty as `{}`, because its fields can come from the workspace.",
        hints={
            "default": "Add `{name}:` to {inside}.",
            "version": "Start the file with `apiVersion: launcher/v1`.",
        },
    ),
    "L122": Entry(
        summary="Text without quotes",
        detail="`{text}` is {kind} to YAML, and {field} is text. Programs write numbers and booleans back in other ways (`1.10` becomes `1.1`), so the text has to be quoted.",
        cause="A value that is sent as text looks like a number or a boolean.",
        cure='Put it in quotes, as in `"1.10"`. `launcher fmt --fix` does so and keeps the text as it is written.',
        hints={
            "default": "Write {quoted} with its quotes, or run:\nlauncher fmt --fix",
            "quote": "Put the value in quotes.",
        },
    ),
    "L123": Entry(
        summary="No value",
        detail="{field} has no value. An empty value is not the same as a missing field: of a variable, JOB would wipe the default of the job plan with it.",
        cause="Nothing stands after the colon, or `null` or `~` does.",
        cure='Remove the line to keep the default. For the empty text write `""`, for no differences in an environment `{}`.',
        hints={
            "default": 'Remove the line, or write `""` for the empty text.',
            "mapping": "Remove the line, or write `{{}}` if nothing is to be set.",
        },
    ),
    "L124": Entry(
        summary="Wrong kind of value",
        detail="{field} has to be {expected}, and this is {found}.",
        cause="A value has the form of another one: text for a list, a quoted number for a number, a list for a mapping.",
        cure="Write the value in the form that the field needs; its description in the schema has an example.",
        hints={
            "default": "Write {expected}.",
            "unquote": "Write {text} without quotes.",
            "boolean": "Write `true` or `false`, without quotes. `yes` and `on` are text in YAML 1.2.",
            "list": "Write it as a list: `[{text}]`.",
        },
    ),
    "L125": Entry(
        summary="Number out of range",
        detail="{field} is {text}; it has to be {bound} {limit}.",
        cause="The number is too small or too large for what it counts or names.",
        cure="Ids, revisions and limits start at 1, cloud areas at 0; no launch has more than 10 attempts, and no number is larger than 9223372036854775807.",
        hints={"default": "Write a number of {bound} {limit}."},
    ),
    "L126": Entry(
        summary="Unknown word",
        detail="{field} is `{text}`; it can be {allowed}.",
        cause="The word is misspelt, or belongs to a version of launcher that this is not.",
        cure="Use one of the words that the field allows, in the same letters.",
        hints={
            "default": "Write {allowed}.",
            "near": "Did you mean `{close}`?",
        },
    ),
    "L127": Entry(
        summary="Unknown version",
        detail="`{text}` is not a version of the format that this launcher reads. It reads `launcher/v1`.",
        cause="The document was written for a newer launcher, or the version is misspelt.",
        cure="Write `apiVersion: launcher/v1`, or use the launcher that the document was written for.",
        hints={"default": "Write `apiVersion: launcher/v1`."},
    ),
    "L128": Entry(
        summary="Another kind of document",
        detail="This document is a `{text}`; in this place it has to be a `{expected}`.",
        cause="A file of another kind lies where manifests are looked for, the workspace file holds a manifest, or the kind is misspelt.",
        cure="Write the right `kind`, or move the file out of the paths of `spec.manifests`.",
        hints={"default": "Write `kind: {expected}`."},
    ),
    "L129": Entry(
        summary="Not a whole number",
        detail="{field} is {text}; it has to be a whole number.",
        cause="A number with a fraction, or one that is infinite or not a number, stands where an id or a count belongs.",
        cure="Write a whole number, without a decimal point.",
        hints={"default": "Write a whole number."},
    ),
}

_VALUES: Mapping[str, Entry] = {
    "L130": Entry(
        summary="Malformed name",
        detail="`{text}` cannot be a name. Names become file names, git refs and marks on JOB: lower-case letters, digits and hyphens, at most 63, with a letter or digit at both ends.",
        cause="The name holds capitals, blanks, dots or underscores, or is too long.",
        cure="Choose a name of lower-case letters, digits and hyphens. What people should read goes into `title`.",
        hints={
            "default": "Use lower-case letters, digits and hyphens.",
            "likely": "Use lower-case letters, digits and hyphens, such as `{likely}`.",
        },
    ),
    "L131": Entry(
        summary="Not an IPv4 address",
        detail="`{text}` is not an IPv4 address. JOB takes four numbers from 0 to 255, joined by dots, without blanks, masks or ports.",
        cause="It is a host name, an IPv6 address, a range, or a number is too large.",
        cure="Write the address alone. Name hosts without an IPv4 address by their id, under `ids`.",
        hints={"default": "Write an address such as `10.0.0.11`, or use `ids`."},
    ),
    "L132": Entry(
        summary="Malformed callback URL",
        detail="`{text}` cannot be a callback URL. JOB calls `http` and `https` URLs with a host and without user name or password.",
        cause="The scheme is another one, credentials stand before the host, or the URL holds blanks or characters that have to be written as `%20` and the like.",
        cure="Write a full URL, such as `https://ops.example.org/hook`. Let the receiver tell callers apart by its path rather than by credentials.",
        hints={
            "default": "Write a URL such as `https://ops.example.org/hook`.",
            "user": "Remove the user name and password before the host: everyone who sees the manifest or the job would see them.",
            "blank": "Remove the blanks, or write them as `%20`.",
            "scheme": "Start the URL with `https://`.",
        },
    ),
    "L133": Entry(
        summary="Masked value",
        detail="{field} is a mask, not a value. JOB shows secrets as asterisks; sent back, the asterisks become the value.",
        cause="The value was copied from a page or an answer of JOB that hides it.",
        cure='Name where the secret is: `secret: {env: DB_PASSWORD, version: "1"}`. To keep the job plan\'s own value, remove the variable.',
        hints={"default": "Use `secret`, or remove the variable to keep the job plan's own value."},
    ),
    "L134": Entry(
        summary="Unclear variable",
        detail="{field} needs exactly one of {names}, and holds {present}.",
        cause="A variable is text, hosts or a secret; this one is none or several of them.",
        cure="Keep one. JOB ignores the hosts of a variable that also has a value.",
        hints={
            "default": "Keep one of {names}.",
            "unset": "`unset` works in an environment only. Here, remove the variable instead.",
        },
    ),
    "L135": Entry(
        summary="No hosts",
        detail="{field} names no host. JOB would take that for an order to drop the hosts of the job plan.",
        cause="The list or mapping of hosts is empty.",
        cure="Name at least one host, group or node, or remove the variable to keep the job plan's own hosts.",
        hints={"default": "Name a host, or remove the empty list or the variable."},
    ),
    "L136": Entry(
        summary="Unclear secret",
        detail="{field} needs exactly one of {names}, and holds {present}.",
        cause="A secret is read from one place: an environment variable or a file.",
        cure="Keep one of the two.",
        hints={
            "default": 'Write `{{env: NAME, version: "1"}}` or `{{file: name, version: "1"}}`.',
            "reference": "Write `{{env: VARIABLE}}` or `{{file: PATH}}`.",
        },
    ),
    "L137": Entry(
        summary="Malformed name of a secret",
        detail="`{text}` cannot name a secret.",
        cause="The name of an environment variable holds lower-case letters or other characters, or the name of a file leads out of its directory. A manifest may only choose among the secrets that were put there for launches.",
        cure="`env: DB_PASSWORD` reads `LAUNCHER_SECRET_DB_PASSWORD`. `file: db/password` reads that file below the directory in `LAUNCHER_SECRETS_DIR`.",
        hints={
            "default": "Use capitals, digits and underscores, such as `DB_PASSWORD`.",
            "variable": "Use letters, digits and underscores, such as `BK_APP_SECRET`.",
            "file": "Write a path below the directory of secrets, without `..`, `/` at the start, or names that start with a dot.",
        },
    ),
    "L138": Entry(
        summary="Malformed scope id",
        detail="`{text}` is not the id of a scope. It is a number, written as text.",
        cause="The name of a business stands in place of its id, or the id has blanks or leading zeros.",
        cure="Look up the id on JOB's or the CMDB's page and quote it, as in `id: \"2\"`.",
        hints={"default": 'Write the number in quotes, such as `"2"`.'},
    ),
    "L139": Entry(
        summary="Not a line of text",
        detail="{field} has to be one line that starts with a visible character.",
        cause="It is empty, starts with a blank, or goes over several lines.",
        cure="Write one line. A value written after `|` or `>` ends with a line break; write it on one line instead.",
        hints={"default": "Write one line of text."},
    ),
    "L140": Entry(
        summary="Entry given twice",
        detail="`{text}` stands in {field} already.",
        cause="The list was extended with what it held.",
        cure="Remove one of the two.",
        hints={"default": "Remove this entry."},
    ),
    "L141": Entry(
        summary="Malformed path pattern",
        detail="`{text}` cannot select manifests. A pattern is a path relative to the workspace, with `/` between its parts, and stays inside the workspace.",
        cause="The pattern is absolute, leads out of the workspace, ends with `/`, or has backslashes.",
        cure="Write a pattern such as `plans/**/*.yaml`.",
        hints={
            "default": "Write a pattern such as `plans/**/*.yaml`.",
            "outside": "Write a pattern inside the workspace, such as `plans/**/*.yaml`.",
        },
    ),
    "L143": Entry(
        summary="Malformed server name",
        detail="`{text}` cannot name a server: lower-case letters, digits and hyphens.",
        cause="An address stands where a name belongs, or the name has other characters.",
        cure="Write `sandbox` for the built-in server, or a name. What address a name stands for is set outside the repository, so that a pull request cannot redirect a launch.",
        hints={
            "default": "Write `sandbox` or a name of lower-case letters.",
            "address": "Write a name, such as `remote`. Its address comes from the environment or the user configuration, never from the repository.",
        },
    ),
    "L144": Entry(
        summary="Empty list",
        detail="{field} is empty; it needs at least one entry.",
        cause="Every entry was removed.",
        cure="Add an entry, or remove the field if it has a default.",
        hints={
            "default": "Add an entry.",
            "windows": "Add an entry, or remove the field for any time.",
            "plans": "Add an entry, or remove the field for any job plan.",
        },
    ),
    "L145": Entry(
        summary="Malformed label",
        detail="`{text}` cannot be the key of a label: letters, digits and `-_./`, at most 63, with a letter or digit at both ends.",
        cause="The key is empty, too long, or holds other characters.",
        cure="Choose a key such as `team` or `example.org/tier`. The value may be any line of text.",
        hints={"default": "Write a key such as `team`."},
    ),
    "L146": Entry(
        summary="Malformed id of a dynamic group",
        detail="`{text}` is not the id of a dynamic group: letters and other characters, without blanks or colons.",
        cause="The id is empty or was copied together with the business, as `2:blo8gojho0skft7pr5q0`.",
        cure="Write the id alone, such as `blo8gojho0skft7pr5q0`.",
        hints={
            "default": "Write the id alone.",
            "business": "Write only what stands after the colon.",
        },
    ),
    "L147": Entry(
        summary="Malformed node type",
        detail="`{text}` is not a type of topology node: letters, digits and underscores.",
        cause="The type is empty, or its shown name stands in place of its id.",
        cure="Write what the CMDB calls it: `biz`, `set`, `module`, or the id of a level of your own.",
        hints={"default": "Write a type such as `set` or `module`."},
    ),
    "L148": Entry(
        summary="Text too long",
        detail="{field} has {length} characters; it can have {limit}.",
        cause="More was put into the field than it is made for.",
        cure="Shorten the text.",
        hints={"default": "Shorten it to {limit} characters."},
    ),
    "L149": Entry(
        summary="Does not fit the schema",
        detail="{field} does not fit the schema: {message}.",
        cause="The schema refuses the document where launcher has no better explanation.",
        cure="Compare the document with the schema in `schemas/`. Please report the case, so that it gets an explanation of its own.",
        hints={"default": "Compare this place with the schema."},
    ),
}

_PLANS: Mapping[str, Entry] = {
    "L164": Entry(
        summary="Unclear job plan",
        detail="{field} needs exactly one of {names}, and holds {present}.",
        cause="A job plan is named by its id, or by its name with or without the template's; an id beside a name could contradict it.",
        cure="Keep one of the two.",
        hints={"default": "Write `{{id: 1000}}` or `{{name: Deploy web, template: web}}`."},
    ),
}

_FILES: Mapping[str, Entry] = {
    "L150": Entry(
        summary="Name given twice",
        detail="A launch `{name}` is declared already, in {path} on line {line}. The name is the identity of a launch; with two of them nobody could say which one has run.",
        cause="A manifest was copied and its `metadata.name` not changed.",
        cure="Give one of the two another name. A launch that is to run in several environments needs one manifest with several `environments`.",
        hints={"default": "Choose another name here or in {path}, line {line}."},
    ),
    "L151": Entry(
        summary="Unknown default environment",
        detail="`{name}` is not one of the workspace's environments.",
        cause="The name is misspelt, or the environment was renamed or removed.",
        cure="Name one of `spec.environments`.",
        hints={"default": "Environments here are {known}.", "near": "Did you mean `{close}`?"},
    ),
    "L152": Entry(
        summary="Layout would lose something",
        detail="In the canonical layout this file would not say what it says now. It is left as it is.",
        cause="The file is written in a way that the formatter cannot keep: a comment inside brackets, for example, or text whose indentation counts.",
        cure="Write the part in a plainer way: a list on lines of its own, text in quotes or after a `|`. Then format again.",
        hints={
            "meaning": "A value would change. Quote it, or lay this file out by hand.",
            "comment": "A comment would be lost. Put it on a line of its own, outside of brackets.",
            "parser": "The layout cannot be read again. Lay this file out by hand.",
        },
    ),
    "L160": Entry(
        summary="No workspace",
        detail="Neither {start} nor a directory above it holds a `{file}`.",
        cause="The command was run outside the repository of manifests, or the repository has no workspace file yet.",
        cure="Change to the repository, or name it with `-C`. A workspace begins with a `launcher.yaml` at the top of the repository; `launcher init` writes one.",
        hints={
            "default": "Run the command where `{file}` is, or name that directory with `-C`. `launcher init` begins a workspace."
        },
    ),
    "L161": Entry(
        summary="Unreadable file",
        detail="The file cannot be read: {reason}. It is not taken for a launch that was deleted, so nothing is done at all.",
        cause="Permissions are missing, a symbolic link leads nowhere, or it is not a regular file.",
        cure="Make the file readable, or delete it if the launch is to go.",
        hints={
            "default": "Make the file readable, or delete it.",
            "missing": "Correct the path. A symbolic link that leads nowhere has to be removed.",
        },
    ),
    "L162": Entry(
        summary="Link out of the workspace",
        detail="A symbolic link leads to {target}, outside the workspace. What is reviewed in the repository would not be what is read.",
        cause="A manifest or its directory is a link to another place of the file system.",
        cure="Copy the file into the repository, or link to a place inside it.",
        hints={"default": "Replace the link with the file."},
    ),
    "L163": Entry(
        summary="Many problems",
        detail="The file has {all} problems; the first {shown} are shown.",
        cause="One mistake is repeated, as in a generated file, or the file is of another kind.",
        cure="Correct what is shown, then look again.",
        hints={"default": "Correct the first ones, then run the command again."},
    ),
}

ENTRIES: Mapping[str, Entry] = {**_FIELDS, **_VALUES, **TIMES, **_PLANS, **_FILES}
