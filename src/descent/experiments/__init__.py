"""Computations that figures and tests share, a file a chapter."""
