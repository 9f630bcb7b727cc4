"""Re-exports the slices' models, so that Django finds them under the label ``hubs``."""

from hubs.integrity.models import *
from hubs.ledger.models import *
from hubs.network.models import *
from hubs.partners.models import *
from hubs.people.models import *
from hubs.plans.models import *
from hubs.results.models import *
from hubs.terms.models import *
