"""How long the texts of evaluators, panels and findings may be (characters). Pure."""

LONGEST_NAME = 80
LONGEST_PLACE = 120
LONGEST_TITLE = 120
# What an interest is, and why a block is lifted.
LONGEST_DETAIL = 200
LONGEST_WAIVER = 400
# Why an item does not apply, the decision about it, and what an item says of its evidence.
LONGEST_FINDING = 200
