"""Command lines in folders of their own."""

from __future__ import annotations

import pytest

from tests.support.command_line import a_command_line, with_demo


@pytest.fixture
def empty(tmp_path, monkeypatch):
    return a_command_line(tmp_path, monkeypatch)


@pytest.fixture
def demo(empty):
    return with_demo(empty)
