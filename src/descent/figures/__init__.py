"""Every picture of the book: one module a chapter, one style for all."""

from descent.figures.style import CHROME, COLORS, PALETTE, use_style

__all__ = ["CHROME", "COLORS", "PALETTE", "use_style"]
