"""Chapter 0: the mistakes of a rule with one knob."""

import numpy as np

THRESHOLDS = np.arange(81) / 20  # of the ink; the slider's positions


def count_wrong(ink, labels, thresholds):
    """Return (2, k): threes above each threshold, and eights that are not."""
    above = ink > np.asarray(thresholds)[:, None]
    return np.stack([(above & (labels < 0)).sum(axis=1), (~above & (labels > 0)).sum(axis=1)])
