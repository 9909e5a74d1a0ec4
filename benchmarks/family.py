"""A family of runs in one: 61 learning rates, 200 steps each, on the five commutes."""

from time import perf_counter

import numpy as np

from descent import data, linear, optimize


def rows():
    trips = data.commute()
    X, y = linear.design_matrix(trips.features), trips.minutes
    problem = linear.LeastSquares(X, y)  # the data checked once, as the chapters' loops do
    rates = np.geomspace(0.001, 0.2, 61)

    def family():
        return optimize.gradient_descent(problem.gradient, np.zeros((61, 3)), rates, 200)

    times = []
    for _ in range(30):
        start = perf_counter()
        family()
        times.append(perf_counter() - start)
    yield "61 learning rates x 200 steps, the least of 30", min(times) * 1e3, "ms", 10
