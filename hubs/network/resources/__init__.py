"""Files of this slice: commission contracts and regional figures, one module per kind."""

from hubs.network.resources.contracts import ContractKind
from hubs.network.resources.figures import RegionalFigureKind

__all__ = ["ContractKind", "RegionalFigureKind"]
