"""Descent: from least squares to backpropagation.

The NumPy core that the book teaches, one idea a module. Importing this package imports nothing
else: `import descent.linear` needs NumPy alone.
"""

__version__ = "0.1.0"
