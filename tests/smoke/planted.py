"""All faults that the shipped scenarios must find."""

from __future__ import annotations

from tests.smoke.faults_of_events import EVENTS
from tests.smoke.faults_of_replies import REPLIES
from tests.smoke.faults_of_rules import RULES
from tests.smoke.planting import Fault

FAULTS: tuple[Fault, ...] = (*REPLIES, *EVENTS, *RULES)
