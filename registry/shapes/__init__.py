"""Raw row to turns: one small adapter per source shape, chosen by content."""

from registry.shapes.base import Adapter, Shape, Shaped, Turn
from registry.shapes.choice import SHAPES, choose_shape

__all__ = ["SHAPES", "Adapter", "Shape", "Shaped", "Turn", "choose_shape"]
