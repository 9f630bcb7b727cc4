"""Addresses of many objects: what ``reverse`` would say, under any prefix, for any key."""

import pytest
from django.urls import get_script_prefix, reverse, set_script_prefix
from hypothesis import given
from hypothesis import strategies as st

from yorozu.core.web.addresses import address, addresses, code_addresses

PAGES = ("home", "hub_list", "process_matrix", "notices", "import_list")


@pytest.fixture
def below():
    """The portal stands below a path of a larger site."""
    before = get_script_prefix()
    set_script_prefix("/yorozu/")
    yield
    set_script_prefix(before)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_without_arguments(name):
    assert address(name) == address(name) == reverse(name)


@given(pk=st.integers(min_value=0, max_value=2**63 - 1))
def test_by_key(pk):
    assert addresses("month_detail")(pk) == reverse("month_detail", args=[pk])
    assert addresses("results_grid", 7)(pk) == reverse("results_grid", args=[7, pk])


@given(code=st.text("0123456789ABCXYZabcあ い/%?#", min_size=1, max_size=8))
def test_by_code(code):
    """Whatever stands in a code, it stays within its part of the address."""
    made = code_addresses("hub_detail")(code)
    assert made.startswith("/hubs/")
    assert made.count("/") == 3
    assert "?" not in made
    assert "#" not in made
    if code.isascii() and code.isalnum():
        assert made == reverse("hub_detail", args=[code])


def test_the_same_name_under_another_prefix(below):
    """What was remembered under the one prefix is not given out under the other."""
    set_script_prefix("/")
    plain = addresses("month_detail")(5), address("home"), code_addresses("hub_detail")("13")
    set_script_prefix("/yorozu/")
    moved = addresses("month_detail")(5), address("home"), code_addresses("hub_detail")("13")
    assert moved == tuple("/yorozu" + one for one in plain)


def test_a_key_is_a_number():
    with pytest.raises(ValueError, match="invalid literal"):
        addresses("month_detail")("5/../6")  # type: ignore[arg-type]
