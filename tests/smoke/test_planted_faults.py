"""Faults are planted in a running platform one by one, and the shipped scenarios find each of them."""

from __future__ import annotations

from collections import Counter

import pytest

from api_client.inspect.smoke.loading import Loaded
from tests.smoke.conftest import Bench, told
from tests.smoke.planted import FAULTS
from tests.smoke.planting import Fault


def chosen(suite: list[Loaded], fault: Fault) -> list[Loaded]:
    """Return the scenarios that have to find `fault`; each part of a name means one."""
    found = [each for each in suite if any(f"smoke.{part}" in each.scenario.classname for part in fault.scenarios)]
    assert len(found) == len(fault.scenarios), fault.scenarios
    return found


def test_there_are_enough_faults_and_each_is_named_once() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 25


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_found(bench: Bench, suite: list[Loaded], fault: Fault) -> None:
    with fault.plant():
        result = bench.carry_out(chosen(suite, fault), fault.max_seconds)
    codes = {code.value for code in result.codes()}
    assert codes & fault.codes, f"{fault.about}: {codes or 'nothing'} was found\n{told(result)}"


def test_with_every_fault_taken_out_again_all_is_well(bench: Bench, suite: list[Loaded]) -> None:
    """So what was found was the faults'. That all scenarios pass is seen in a process of its own."""
    most_used = Counter(part for fault in FAULTS for part in fault.scenarios).most_common(3)
    again = [each for each in suite if any(f"smoke.{part}" in each.scenario.classname for part, _ in most_used)]
    assert told(bench.carry_out(again)) == ""


@pytest.mark.soak
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_found_by_the_whole_suite(bench: Bench, suite: list[Loaded], fault: Fault) -> None:
    with fault.plant():
        result = bench.carry_out(suite, fault.max_seconds)
    failed = {each.classname for each in result.scenarios if any(each.failures())}
    assert {each.scenario.classname for each in chosen(suite, fault)} <= failed
    assert {code.value for code in result.codes()} & fault.codes, told(result)
