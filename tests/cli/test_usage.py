"""Wrong usage, failures and the two streams."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from launcher.cli.app import app
from launcher.cli.bug import bug_report
from tests.support.userconfig import a_user_config


@pytest.mark.parametrize(
    "arguments",
    [
        ["dif"],
        ["validate", "--no-such-option"],
        ["diff", "-o", "xml"],
        ["explain", "L104", "extra"],
        ["explain", "L999"],
        ["diff", "--base", "HEAD"],
        ["apply", "--yes", "--lock-timeout", "soon"],
        ["apply", "--yes", "--parallelism", "0"],
        ["resolve", "web-deploy", "--reason", "x"],
        ["resolve", "web-deploy", "--ran", "1", "--not-ran", "--reason", "x"],
        ["resolve", "web-deploy", "--not-ran"],
        ["status", "-e", "nowhere"],
        ["why", "nothing-like-it"],
        ["-C", "missing-folder", "validate"],
        [],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_64_and_never_2(demo, arguments):
    result = demo(*arguments)
    assert result.code == 64, result
    assert result.out == ""
    assert result.err != ""


def test_an_unknown_command_is_answered_with_the_nearest(demo):
    assert "help: Did you mean `launcher diff`?" in demo("dif").err


def test_an_unknown_option_is_answered_with_the_nearest(demo):
    assert "help: Did you mean `--environment`?" in demo("diff", "--enviroment", "x").err


def test_apply_without_a_terminal_needs_yes(demo):
    result = demo("apply")
    assert result.code == 64
    assert "error[L583]: Not confirmed" in result.err
    assert not (demo.directory / "locks").exists()
    narrowed = demo("apply", "-e", "documented", "--only", "one")
    assert "launcher apply" not in narrowed.err.partition("help:")[2]


def test_apply_with_a_name_of_a_launch_tells_the_option_for_it(demo):
    result = demo("apply", "--yes", "web-deploy")
    assert (result.code, result.out) == (64, "")
    assert "there is no file `web-deploy`" in result.err
    assert "--only NAME" in result.err


def test_a_folder_without_a_workspace_is_a_failure_of_the_surroundings(empty):
    result = empty("validate")
    assert result.code == 1, result
    assert result.out == ""


def test_options_that_all_commands_take_stand_before_or_after_the_name(demo, tmp_path):
    os.chdir(tmp_path)
    assert demo("-C", str(demo.directory), "validate").code == 0
    assert demo("validate", "-C", str(demo.directory)).code == 0


def test_files_are_looked_for_in_the_directory_that_is_worked_in(demo, tmp_path):
    os.chdir(tmp_path)
    assert demo("-C", str(demo.directory), "diff", "--save", "reviewed.json").code == 0
    assert (demo.directory / "reviewed.json").is_file()
    assert not (tmp_path / "reviewed.json").exists()
    carried_out = demo("apply", "-C", str(demo.directory), "reviewed.json", "--yes", "--no-wait")
    assert carried_out.code == 0, carried_out
    missing = demo("-C", str(demo.directory), "sandbox", "serve", "--world", "no.yaml")
    assert missing.code == 64
    assert str(demo.directory / "no.yaml") in missing.err.replace("\n", "")


def test_colour_is_for_terminals_unless_asked_for(demo):
    demo.edit("plans/web/deploy.yaml", "plan: {id: 1000}", "plann: {id: 1000}")
    assert "\x1b[" not in demo("validate").err
    assert "\x1b[1;31merror" in demo("validate", "--color", "always").err
    assert "\x1b[" not in demo("--color", "always", "validate", "--color", "never").err


def test_an_unexpected_error_is_a_bug_with_a_report_to_paste(demo, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("the token is tok-12345678")

    monkeypatch.setattr(app, "main", broken)
    monkeypatch.setenv("BK_TOKEN", "tok-12345678")
    result = demo("diff", "-o", "json")
    assert result.code == 70
    assert result.out == ""
    assert "command: launcher diff -o json" in result.err
    assert "RuntimeError: the token is (secret)" in result.err
    assert "Python 3." in result.err


def test_a_bug_report_holds_no_secret(tmp_path):
    (tmp_path / "db_password").write_text("file-secret\n")
    environ = {
        "BK_APP_SECRET": "app-secret",
        "LAUNCHER_SECRET_DB": "env-secret",
        "LAUNCHER_SECRETS_DIR": str(tmp_path),
        "HOME": "/home/somebody",
    }
    error = ValueError("app-secret env-secret file-secret https://me:pass@host/hook?key=value123")
    report = bug_report(error, ["apply", "--reason", "env-secret"], environ)
    for hidden in ("app-secret", "env-secret", "file-secret", "me:pass", "value123"):
        assert hidden not in report
    assert "/hook" in report


def test_a_bug_report_holds_no_secret_of_the_user_configuration(tmp_path):
    path = a_user_config(tmp_path)
    (tmp_path / "old-secret").write_text("old-secret-3\n")
    environ = {"LAUNCHER_CONFIG": str(path), "MY_APP_SECRET": "my-secret-1"}

    report = bug_report(ValueError("file-ticket-2 old-secret-3 my-secret-1 admin"), [], environ)
    assert "(secret) (secret) (secret) admin" in report
    path.write_text("no: document")
    assert "admin" in bug_report(ValueError("admin"), [], environ)


def test_a_bug_report_holds_no_password_of_a_proxy(tmp_path):
    spec = "servers:\n  remote: {url: 'https://x', proxy: 'me:hunter2-file@proxy:1'}\n"
    environ = {"HTTPS_PROXY": "me:hunter2-env@proxy:1"}
    environ["LAUNCHER_CONFIG"] = str(a_user_config(tmp_path, spec))

    error = ValueError("me:hunter2-file@proxy:1", "me:hunter2-env@proxy:1")
    report = bug_report(error, ["diff"], environ)
    assert "hunter2" not in report
    assert "proxy:1" in report


def test_an_interrupt_is_130(demo, monkeypatch):
    def interrupted(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "main", interrupted)
    assert demo("diff").code == 130


def test_a_reader_that_goes_away_is_no_failure(demo):
    process = subprocess.Popen(
        [sys.executable, "-m", "launcher", "explain"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=demo.directory,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 0
    assert error == b""


def test_the_version_is_told_both_ways(demo):
    for arguments in (["--version"], ["-V"]):
        told = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "launcher", *arguments],
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout == "launcher 0.1.0\n"
    assert demo("--color", "never", "--version").out == "launcher 0.1.0\n"
