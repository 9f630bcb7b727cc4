"""The parts of a year that live in this storey: calendar, indicators, blocks, activity policy."""

from hubs.terms.parts import register
from hubs.terms.year_parts.blocks import BlocksPart
from hubs.terms.year_parts.calendar import CalendarPart
from hubs.terms.year_parts.indicators import IndicatorsPart
from hubs.terms.year_parts.policy import PolicyPart

for part in (CalendarPart(), IndicatorsPart(), BlocksPart(), PolicyPart()):
    register(part)
