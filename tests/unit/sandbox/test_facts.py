"""The sandbox does what is known of JOB: every fact of the index, and that the index is whole."""

from __future__ import annotations

import pytest

from launcher.sandbox.codes import Code, HostStatus
from launcher.sandbox.routes import OPERATIONS
from tests.support.facts import FACTS, SECTIONS
from tests.support.facts.omissions import NOT_MODELLED


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.title)
def test_fact(fact):
    fact.holds()


def test_every_section_has_facts_and_every_fact_a_section():
    assert {fact.section for fact in FACTS} == set(SECTIONS)


def test_no_fact_is_told_twice():
    titles = [fact.title for fact in FACTS]
    assert len(titles) == len(set(titles))


def test_every_operation_has_a_section_that_is_about_it():
    about = {text.partition(";")[0] for number, text in SECTIONS.items() if number[0] == "2"}
    assert set(OPERATIONS) <= about


def test_every_code_that_the_sandbox_knows_is_answered_in_a_fact():
    told = {word for fact in FACTS if fact.section[0] == "4" for word in fact.title.split(": ")[:1]}
    assert {str(int(code)) for code in Code} <= {word.split(" ")[1] for word in told}


def test_every_host_state_is_in_a_fact():
    told = {fact.title.split(" ")[1] for fact in FACTS if fact.section == "3.2"}
    waiting = {"5:"}  # in section 2.9: it is told of steps that did not start
    assert {f"{int(status)}:" for status in HostStatus} <= told | waiting


def test_every_difference_between_documents_and_code_is_in_a_fact():
    told = {fact.title.split(" ")[1] for fact in FACTS if fact.section == "7"}
    assert {f"{number}:" for number in range(1, 21)} <= told


def test_what_is_left_out_is_told_with_what_happens_instead():
    assert all(topic and instead for topic, instead in NOT_MODELLED.items())
