"""Fisher's irises and the other data for classifiers, and descent on them."""

import numpy as np
import pytest

from descent import data, margin
from descent.linear import design_matrix, spectrum
from descent.optimize import gradient_descent, inverse_sqrt, stochastic_gradient_descent

PETAL, SEPAL, LENGTHS, ALL = [2, 3], [0, 1], [0, 2], [0, 1, 2, 3]

# features, 1/L, then the cost of gradient descent at that rate after 0, 1, 10, 100, 1000 steps
DESCENTS = [
    (
        PETAL,
        0.0835274200691,
        (0.5, 0.399240329253, 0.295272199032, 0.031355065846, 0.00179186009882),
    ),
    (SEPAL, 0.0244867733501, (0.5, 0.492791125363, 0.438749571356, 0.1722615556, 0.0417058531506)),
    (
        LENGTHS,
        0.0246943826663,
        (0.5, 0.460961118939, 0.290270702879, 0.0182998588225, 0.00225731994789),
    ),
    (
        ALL,
        0.019842176504,
        (0.5, 0.457300499035, 0.238534824503, 0.00915786017449, 7.52583122826e-4),
    ),
]


def objective(columns, loss=margin.squared_hinge):
    flowers = data.iris_pair()
    return margin.Margin(design_matrix(flowers.features[:, columns]), flowers.labels, loss)


def test_the_rows_are_fishers():
    flowers = data.iris_pair("setosa", "versicolor")
    assert flowers.features.shape == (100, 4)
    np.testing.assert_allclose(
        flowers.features.sum(axis=0), [547.1, 309.9, 286.1, 78.6], rtol=1e-12
    )
    assert flowers.features[[34, 37]].tolist() == [[4.9, 3.1, 1.5, 0.2], [4.9, 3.6, 1.4, 0.1]]
    assert flowers.labels.tolist() == [-1.0] * 50 + [1.0] * 50
    assert flowers.species == ("setosa", "versicolor")
    assert all("(cm)" in name for name in flowers.feature_names)


def test_the_harder_pair():
    easy, hard = data.iris_pair(), data.iris_pair("versicolor", "virginica")
    np.testing.assert_array_equal(hard.features[:50], easy.features[50:])
    np.testing.assert_allclose(hard.features[50:].mean(axis=0), [6.588, 2.974, 5.552, 2.026])


def test_every_call_gives_fresh_arrays():
    data.iris_pair().features[:] = 0
    assert data.iris_pair().features.min() > 0


@pytest.mark.parametrize("pair", [("rose", "setosa"), ("setosa", "setosa"), (0, 1)])
def test_unknown_species_are_refused(pair):
    with pytest.raises(ValueError, match=r"setosa|species"):
        data.iris_pair(*pair)


@pytest.mark.parametrize(("columns", "rate", "costs"), DESCENTS)
def test_descent_meets_the_reference_costs(columns, rate, costs):
    problem = objective(columns)
    eta = spectrum(problem.X).stability_limit / 2
    assert eta == pytest.approx(rate, rel=1e-11)
    path = gradient_descent(problem.gradient, np.zeros(len(columns) + 1), eta, 1000)
    np.testing.assert_allclose(problem.cost(path.w[[0, 1, 10, 100, 1000]]), costs, rtol=1e-8)
    assert np.all(np.diff(problem.cost(path.w)) <= 0)


@pytest.mark.parametrize(("columns", "step"), [(PETAL, 19), (LENGTHS, 9), (ALL, 4)])
def test_when_descent_first_makes_no_error(columns, step):
    problem, errors = objective(columns), objective(columns, margin.zero_one)
    eta = spectrum(problem.X).stability_limit / 2
    path = gradient_descent(problem.gradient, np.zeros(len(columns) + 1), eta, 30)
    assert np.flatnonzero(errors.cost(path.w) == 0)[0] == step


def test_first_steps_on_the_petals():
    path = gradient_descent(objective(PETAL).gradient, np.zeros(3), 0.01, 3)
    expected = [
        (0, 0.01399, 0.0054),
        (-0.0004426979, 0.02637953455, 0.0103238483),
        (-0.00127413485211, 0.0373600543139, 0.014828173926),
    ]
    np.testing.assert_allclose(path.w[1:], expected, rtol=1e-9, atol=1e-15)


def test_the_minimiser_is_not_unique():
    w = [(-3.7882352942, 1.2941176471, 0.8235294118), (-3.3255813954, 0.9302325582, 1.3953488373)]
    assert objective(PETAL).cost(np.array(w)).max() < 1e-18


@pytest.mark.full
def test_stochastic_descent_meets_the_reference_median():
    problem = objective(PETAL)
    rates = inverse_sqrt([0.01, 0.05])
    costs = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        path = stochastic_gradient_descent(
            problem.gradient, np.zeros(3), rates, 2000, n_samples=100, rng=rng, every=2000
        )
        costs.append(problem.cost(path.w[-1]))
    slow, fast = np.median(costs, axis=0)
    assert 0.2886 < slow < 0.2958  # the middle 90 % of 100 independent runs
    assert 0.0812 < fast < 0.0913


@pytest.mark.parametrize("name", ["AND", "OR", "NAND", "NOR", "XOR"])
def test_gates_follow_their_tables(name):
    gate = data.logic_gate(name)
    assert gate.features.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    truth = {
        "AND": lambda a, b: a and b,
        "OR": lambda a, b: a or b,
        "NAND": lambda a, b: not (a and b),
        "NOR": lambda a, b: not (a or b),
        "XOR": lambda a, b: a != b,
    }[name]
    assert gate.labels.tolist() == [1 if truth(a, b) else -1 for a, b in gate.features]
    assert data.logic_gate(name, low=-1).features.tolist() == [[-1, -1], [-1, 1], [1, -1], [1, 1]]


@pytest.mark.parametrize(("name", "low"), [("and", 0), (3, 0), ("AND", 1)])
def test_unknown_gates_are_refused(name, low):
    with pytest.raises(ValueError, match="must be"):
        data.logic_gate(name, low=low)


def test_separable_clouds_keep_their_margin():
    for n_features in (1, 2, 9):
        clouds = data.separable_clouds(
            200, margin=0.2, n_features=n_features, rng=np.random.default_rng(1)
        )
        X = design_matrix(clouds.features)
        assert np.linalg.norm(clouds.separator[1:]) == pytest.approx(1)
        assert margin.margin(X, clouds.labels, clouds.separator).min() >= 0.2 - 1e-12


def test_two_clouds_lie_apart_and_overlap():
    clouds = data.two_clouds(20_000, distance=2.0, rng=np.random.default_rng(1))
    centres = [clouds.features[clouds.labels == k].mean(axis=0) for k in (-1, 1)]
    np.testing.assert_allclose(centres[1] - centres[0], 2 * clouds.separator[1:], atol=0.05)
    X = design_matrix(clouds.features)
    errors = margin.cost(X, clouds.labels, clouds.separator, margin.zero_one)
    assert errors == pytest.approx(0.158655, abs=0.01)  # the normal tail beyond one deviation


def test_linear_samples_follow_their_law():
    sample = data.linear_sample(50, 3, noise=0.0, rng=np.random.default_rng(0))
    np.testing.assert_allclose(design_matrix(sample.features) @ sample.truth, sample.targets)
    noisy = data.linear_sample(20_000, 3, noise=0.5, rng=np.random.default_rng(0))
    residual = noisy.targets - design_matrix(noisy.features) @ noisy.truth
    assert residual.std() == pytest.approx(0.5, rel=0.02)


def test_the_same_generator_state_gives_the_same_data():
    for make in (
        data.two_clouds,
        data.separable_clouds,
        lambda rng: data.linear_sample(9, 2, rng=rng),
    ):
        first, second = make(rng=np.random.default_rng(5)), make(rng=np.random.default_rng(5))
        np.testing.assert_array_equal(first.features, second.features)
