"""Interactive figures that need no kernel: `Flipbook`, `Control`, `Mark`."""

from descent.flipbook.flipbook import Control, Flipbook, Mark

__all__ = ["Control", "Flipbook", "Mark"]
