import os

import pytest

from launcher.catalogue import texts
from launcher.engine.spec import SecretReference
from launcher.errors import SurroundingsFailed
from launcher.operations.secrets import MAX_SECRET, read_secrets
from launcher.settings import Settings


def env(name):
    return SecretReference("env", name, "1")


def file(name):
    return SecretReference("file", name, "1")


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "secrets"
    made.mkdir()
    (tmp_path / "outside").write_text("not yours")
    return made


def settings(folder=None, **secrets):
    environ = {f"LAUNCHER_SECRET_{name}": value for name, value in secrets.items()}
    if folder is not None:
        environ["LAUNCHER_SECRETS_DIR"] = str(folder)
    return Settings.from_environment(environ | {"HOME": "/root", "BK_APP_SECRET": "mine"})


def refusal(reference, found):
    with pytest.raises(SurroundingsFailed) as caught:
        read_secrets([reference], found)
    (diagnostic,) = caught.value.diagnostics
    assert "othing was sent" in texts(diagnostic).detail
    return diagnostic.code


def test_each_reference_gets_its_value(folder):
    (folder / "db").write_text("from a file\n")
    (folder / "sub").mkdir()
    (folder / "sub" / "key").write_text("two\nlines\n\n")

    assert read_secrets(
        [env("PW"), file("db"), file("sub/key"), env("PW")], settings(folder, PW="from env\n")
    ) == {env("PW"): "from env\n", file("db"): "from a file", file("sub/key"): "two\nlines\n"}


@pytest.mark.parametrize(
    ("content", "value"), [("a\r\n", "a"), ("a", "a"), ("a\n\n", "a\n"), ("a\r", "a\r")]
)
def test_one_newline_at_the_end_of_a_file_is_no_part_of_the_secret(folder, content, value):
    (folder / "db").write_bytes(content.encode())

    assert read_secrets([file("db")], settings(folder)) == {file("db"): value}


@pytest.mark.parametrize("name", ["HOME", "BK_APP_SECRET", "PW"])
def test_no_other_variable_can_be_read(name):
    assert refusal(env(name), settings()) == "L510"


@pytest.mark.parametrize("name", ["../outside", "sub/../../outside", "link", "linked/outside"])
def test_no_file_outside_the_folder_can_be_read(folder, name):
    (folder / "sub").mkdir()
    (folder / "link").symlink_to(folder.parent / "outside")
    (folder / "linked").symlink_to(folder.parent)

    assert refusal(file(name), settings(folder)) == "L513"


def test_an_absolute_name_does_not_leave_the_folder(folder):
    assert refusal(file(str(folder.parent / "outside")), settings(folder)) == "L513"


def test_a_link_inside_the_folder_is_followed(folder):
    (folder / "..data").mkdir()
    (folder / "..data" / "db").write_text("mounted")
    (folder / "db").symlink_to("..data/db")

    assert read_secrets([file("db")], settings(folder)) == {file("db"): "mounted"}


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (lambda _: None, "L511"),
        (lambda path: path.mkdir(), "L515"),
        (os.mkfifo, "L515"),
        (lambda path: path.symlink_to(path), "L511"),
        (lambda path: path.write_bytes(b"\xff"), "L515"),
        (lambda path: path.write_bytes(b"x" * (MAX_SECRET + 1)), "L515"),
        (lambda path: path.write_text("\n"), "L514"),
        (lambda path: path.write_text("******\n"), "L514"),
    ],
    ids=["absent", "folder", "pipe", "loop", "binary", "huge", "empty", "mask"],
)
def test_a_file_that_cannot_be_a_secret_is_refused(folder, prepare, code):
    prepare(folder / "db")

    assert refusal(file("db"), settings(folder)) == code


def test_a_file_of_the_largest_size_is_read(folder):
    (folder / "db").write_text("x" * MAX_SECRET)

    assert read_secrets([file("db")], settings(folder))


def test_a_name_that_no_file_can_have_is_missing(folder):
    assert refusal(file("a\0b"), settings(folder)) == "L511"


def test_without_a_folder_no_file_is_read():
    assert refusal(file("db"), settings()) == "L512"


def test_everything_that_is_missing_is_told_at_once(folder):
    with pytest.raises(SurroundingsFailed) as caught:
        read_secrets([env("A"), env("B"), file("c"), env("OK")], settings(folder, OK="fine"))

    assert [item.code for item in caught.value.diagnostics] == ["L510", "L510", "L511"]
    assert "fine" not in repr(caught.value.diagnostics)


def test_an_environment_that_is_not_text_is_refused():
    assert refusal(env("PW"), settings(PW="\udcff")) == "L515"
