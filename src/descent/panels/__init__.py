"""Panels that train while the reader turns a knob. They need a running kernel.

On a static page, in print and on a code host stands the panel's picture.
"""

from descent.panels.data_box import read_table
from descent.panels.network import TrainingPanel, training_panel
from descent.panels.panel import Panel, Report
from descent.panels.regression import (
    MOST_STEPS,
    LearningRatePanel,
    StochasticPanel,
    learning_rate_panel,
    stochastic_panel,
)

__all__ = [
    "MOST_STEPS",
    "LearningRatePanel",
    "Panel",
    "Report",
    "StochasticPanel",
    "TrainingPanel",
    "learning_rate_panel",
    "read_table",
    "stochastic_panel",
    "training_panel",
]
