"""Interactive figures that need no kernel: `Flipbook`, `Control`, `Mark`."""

from descent.flipbook.control import Control, Mark
from descent.flipbook.flipbook import Flipbook

__all__ = ["Control", "Flipbook", "Mark"]
