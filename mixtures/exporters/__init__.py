"""One module per trainer that can load a mixture."""

from mixtures.exporters.materialise import EXPORTERS, export

__all__ = ["EXPORTERS", "export"]
