"""Expected failures, by code and exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from launcher.errors import ExitCode, LauncherError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["fails"]


def fails(
    act: Callable[[], Any], code: str, exit_code: ExitCode = ExitCode.REFUSED
) -> LauncherError:
    """The failure of `act`, which tells of `code` alone and ends with `exit_code`."""
    with pytest.raises(LauncherError) as caught:
        act()
    error: LauncherError = caught.value
    assert [item.code for item in error.diagnostics] == [code]
    assert error.exit_code is exit_code
    return error
