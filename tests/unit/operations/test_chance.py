import pytest

from launcher.operations.server import chance_of


@pytest.mark.parametrize(("digits", "chance"), [("00", 0.0), ("80", 0.5019607844), ("ff", 1.0)])
def test_a_chance_is_drawn_from_the_bytes_that_a_run_is_given(digits, chance):
    assert chance_of(lambda count: digits * count) == pytest.approx(chance)
