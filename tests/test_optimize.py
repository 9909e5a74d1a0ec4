"""Gradient descent against loops in plain Python, closed forms and the reference values."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from descent import data, linear, optimize


@pytest.fixture
def commute():
    trips = data.commute()
    return linear.LeastSquares(linear.design_matrix(trips.features), trips.minutes)


def walk(gradient, start, rate, steps):
    """Descend in plain Python floats: the slow twin. Stops where a number overflows.

    Returns the list of iterates and the step that overflowed, -1 if none did.
    """
    w = [float(v) for v in start]
    path = [w]
    for t in range(1, steps + 1):
        try:
            w = [a - rate(t) * g for a, g in zip(w, gradient(w), strict=True)]
        except OverflowError:
            return path, t
        if not all(map(math.isfinite, w)):
            return path, t
        path.append(w)
    return path, -1


def slow_slope(model):
    """Return the gradient of a LeastSquares as a function of plain lists, by loops."""
    rows, targets = model.X.tolist(), model.y.tolist()

    def gradient(w):
        errors = [
            sum(x * a for x, a in zip(row, w, strict=True)) - y
            for row, y in zip(rows, targets, strict=True)
        ]
        return [
            sum(e * row[j] for e, row in zip(errors, rows, strict=True)) / len(rows)
            for j in range(len(w))
        ]

    return gradient


# Schedules ----------------------------------------------------------------------------------------


def test_schedules_count_from_one():
    assert optimize.constant(0.3)(1) == 0.3 and optimize.constant(0.3)(99) == 0.3
    assert optimize.inverse_sqrt(0.3)(1) == 0.3 and optimize.inverse_sqrt(0.3)(9) == 0.3 / 3
    assert optimize.inverse(0.3)(1) == 0.3 and optimize.inverse(0.3)(8) == 0.3 / 8


def test_schedules_take_a_family():
    rates = np.array([0.1, 0.2])
    for make in (optimize.constant, optimize.inverse_sqrt, optimize.inverse):
        np.testing.assert_array_equal(make(rates)(4), [make(0.1)(4), make(0.2)(4)])


def test_the_run_asks_for_the_rates_of_steps_one_two_three(commute):
    asked = []

    def schedule(t):
        asked.append(t)
        return 0.05 / t

    path = optimize.gradient_descent(commute.gradient, np.zeros(3), schedule, 4)
    assert asked == [1, 1, 2, 3, 4]  # once for the shape
    np.testing.assert_allclose(path.eta, [0.05, 0.025, 0.05 / 3, 0.0125])
    # The first step uses eta_1, not eta_0 and not eta_2.
    np.testing.assert_allclose(path.w[1], 0.05 * np.array([28, 102.68, 20.6]), rtol=1e-14)


@pytest.mark.parametrize("make", [optimize.constant, optimize.inverse_sqrt, optimize.inverse])
def test_scheduled_descent_agrees_with_the_slow_twin(commute, make):
    twin, _ = walk(slow_slope(commute), [0, 0, 0], make(0.1), 60)
    path = optimize.gradient_descent(commute.gradient, np.zeros(3), make(0.1), 60)
    np.testing.assert_allclose(path.w, twin, rtol=1e-12, atol=1e-13)


# Gradient descent on the commutes -----------------------------------------------------------------

AT_A_TENTH = {  # t: weights, cost (section 3.3 of the reference values)
    1: ((2.8, 10.268, 2.06), 52.295976352),
    2: ((1.951712, 6.8393072, 1.36408), 8.986597504356912),
    5: ((2.363360589527917, 7.679429777738308, 1.5170640981185846), 3.520956093575426),
    10: ((2.630840020468689, 7.581675768689789, 1.4761213257601127), 3.351648792106752),
    100: ((5.150231132964045, 6.9024229641209836, 1.5184459254847398), 2.4738414547884),
    1000: ((6.086043081075417, 6.533670322304553, 2.1125833664465166), 2.3971288533),
}


def test_the_first_iterates_meet_the_reference_values(commute):
    path = optimize.gradient_descent(commute.gradient, np.zeros(3), 0.1, 1000)
    for t, (weights, cost) in AT_A_TENTH.items():
        np.testing.assert_allclose(path.w[t], weights, rtol=1e-12)
        assert commute.cost(path.w[t]) == pytest.approx(cost, rel=1e-10)


@pytest.mark.parametrize(
    ("eta", "steps"), [(0.05, 3112), (0.1, 1553), (0.12, 1293), (0.14, 1107), (0.149, 1061)]
)
def test_how_many_steps_to_a_millionth(commute, eta, steps):
    path = optimize.gradient_descent(commute.gradient, np.zeros(3), eta, steps)
    best = linear.normal_equation(commute.X, commute.y)
    distance = np.linalg.norm(path.w - best, axis=1)
    assert int(np.argmax(distance < 1e-6)) == steps


@pytest.mark.parametrize(("eta", "steps"), [(0.1, 560), (1.0, 51)])
def test_standardised_features_need_fewer_steps(eta, steps):
    trips = data.commute()
    features = linear.standardize(trips.features).features
    model = linear.LeastSquares(linear.design_matrix(features), trips.minutes)
    path = optimize.gradient_descent(model.gradient, np.zeros(3), eta, steps)
    distance = np.linalg.norm(path.w - linear.normal_equation(model.X, model.y), axis=1)
    assert int(np.argmax(distance < 1e-6)) == steps


def test_costs_beyond_the_limit_meet_the_reference_values(commute):
    costs = commute.cost(optimize.gradient_descent(commute.gradient, np.zeros(3), 0.16, 10).w)
    expected = [444.8, 568.1377698611, 726.0028385967, 928.0535996140, 1186.6505924534]
    np.testing.assert_allclose(costs[:5], expected, rtol=1e-12)
    assert costs[10] == pytest.approx(5201.17, abs=0.005)


@given(st.integers(0, 10_000), st.floats(0.01, 0.98))
@settings(max_examples=40, deadline=None)
def test_the_path_is_its_closed_form(seed, share):
    rng = np.random.default_rng(seed)
    X, y = linear.design_matrix(rng.standard_normal((8, 2))), rng.standard_normal(8)
    model, start = linear.LeastSquares(X, y), rng.standard_normal(3)
    eta = share * linear.spectrum(X).stability_limit
    path = optimize.gradient_descent(model.gradient, start, eta, 100)
    # w_t - w* = (I - eta H)^t (w_0 - w*)
    values, vectors = np.linalg.eigh(X.T @ X / 8)
    best = np.linalg.lstsq(X, y, rcond=None)[0]
    factors = (1 - eta * values) ** np.arange(101)[:, None]
    expected = best + (factors * (vectors.T @ (start - best))) @ vectors.T
    np.testing.assert_allclose(path.w, expected, atol=1e-11)
    assert np.all(np.diff(model.cost(path.w)) <= 1e-12)  # below 2 / lambda_max no step goes up


# Families -----------------------------------------------------------------------------------------


def test_a_family_of_rates_is_its_members(commute):
    rates = np.geomspace(0.001, 0.2, 61)
    family = optimize.gradient_descent(commute.gradient, np.zeros(3), rates, 200)
    assert family.w.shape == (201, 61, 3) and family.eta.shape == (200, 61)
    for k in (0, 29, 45, 60):
        alone = optimize.gradient_descent(commute.gradient, np.zeros(3), rates[k], 200)
        np.testing.assert_allclose(family.w[:, k], alone.w, rtol=1e-11, atol=1e-12)
        twin, _ = walk(slow_slope(commute), [0, 0, 0], lambda t, k=k: rates[k], 200)
        np.testing.assert_allclose(family.w[:, k], twin, rtol=1e-9, atol=1e-11)


def test_starts_and_rates_broadcast(commute):
    starts = np.arange(12.0).reshape(4, 1, 3)
    rates = np.array([0.01, 0.1])
    path = optimize.gradient_descent(commute.gradient, starts, rates, 7)
    assert path.w.shape == (8, 4, 2, 3) and path.diverged_at.shape == (4, 2)
    for i, j in np.ndindex(4, 2):
        alone = optimize.gradient_descent(commute.gradient, starts[i, 0], rates[j], 7)
        np.testing.assert_allclose(path.w[:, i, j], alone.w, rtol=1e-12)


def test_shapes_that_do_not_fit_are_a_clear_error(commute):
    with pytest.raises(ValueError, match=r"shape mismatch.*\(2,\).*\(4,\)"):
        optimize.gradient_descent(commute.gradient, np.zeros((4, 3)), [0.1, 0.2], 3)


def test_one_parameter_and_a_function_that_is_no_model():
    path = optimize.gradient_descent(lambda w: 2 * (w - 3), [10.0], 0.25, 3)
    assert path.w[:, 0].tolist() == [10, 6.5, 4.75, 3.875]
    assert path.t.tolist() == [0, 1, 2, 3]
    assert path.diverged_at.shape == () and path.diverged_at == -1


# Divergence ---------------------------------------------------------------------------------------


def test_a_diverging_member_is_nan_after_its_overflow_and_disturbs_nobody(commute):
    rates = [0.1, 0.3, 0.149, 0.5]
    path = optimize.gradient_descent(commute.gradient, np.zeros(3), rates, 2000)
    for k, eta in enumerate(rates):
        twin, overflow = walk(slow_slope(commute), [0, 0, 0], lambda t, eta=eta: eta, 2000)
        # Rounding may move the overflow by a step where the twin adds in another order.
        assert abs(path.diverged_at[k] - overflow) <= (overflow > 0)
        rows = len(twin) - 1
        growing = min(rows, 100)
        np.testing.assert_allclose(path.w[:growing, k], twin[:growing], rtol=1e-10, atol=1e-10)
    assert path.diverged_at[0] == path.diverged_at[2] == -1
    assert path.diverged_at[3] < path.diverged_at[1] < 2000
    for k in (1, 3):
        t = path.diverged_at[k]
        assert np.isfinite(path.w[:t, k]).all() and np.isnan(path.w[t:, k]).all()
        assert np.abs(path.w[t - 1, k]).max() > 1e305
    for k in (0, 2):
        alone = optimize.gradient_descent(commute.gradient, np.zeros(3), rates[k], 2000)
        np.testing.assert_allclose(path.w[:, k], alone.w, rtol=1e-10, atol=1e-10)


def test_the_step_of_overflow_is_exact_in_one_dimension():
    # w_t = (-2)^t: 2^1023 is a double, 2^1024 is not. Every number here is exact.
    path = optimize.gradient_descent(lambda w: w, [1.0], 3.0, 2000)
    twin, overflow = walk(lambda w: w, [1.0], lambda t: 3.0, 2000)
    assert overflow == path.diverged_at == 1024
    assert path.w[:1024].tolist() == twin
    assert np.isnan(path.w[1024:]).all()


def test_a_diverged_run_has_all_its_rows(commute):
    path = optimize.gradient_descent(commute.gradient, np.zeros(3), 0.3, 2000, every=7)
    assert path.w.shape == (2000 // 7 + 2, 3) and path.t[-2:].tolist() == [1995, 2000]
    last = path.diverged_at // 7
    assert np.isfinite(path.w[: last + 1]).all() and np.isnan(path.w[last + 1 :]).all()


# Records ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("every", [1, 2, 3, 7, 20, 21])
def test_every_keeps_rows_of_the_full_path(commute, every):
    full = optimize.gradient_descent(commute.gradient, np.zeros(3), 0.1, 20)
    thin = optimize.gradient_descent(commute.gradient, np.zeros(3), 0.1, 20, every=every)
    kept = sorted({*range(0, 21, every), 20})  # the last step always is
    assert thin.t.tolist() == kept
    np.testing.assert_array_equal(thin.w, full.w[kept])
    assert thin.eta.shape == (20,)


def test_inputs_are_kept_and_results_do_not_alias(commute):
    start, rates = np.zeros((2, 3)), np.array([0.1, 0.2])
    start.flags.writeable = rates.flags.writeable = False
    path = optimize.gradient_descent(commute.gradient, start, rates, 5)
    assert not np.shares_memory(path.w, start)
    first = path.w[0].copy()
    path.w[1:] = 0
    np.testing.assert_array_equal(path.w[0], first)
    again = optimize.gradient_descent(commute.gradient, start, rates, 5)
    assert np.abs(again.w[1:]).min() > 0


def test_a_gradient_that_keeps_its_argument_sees_no_later_change():
    seen = []

    def gradient(w):
        seen.append(w)
        return w

    path = optimize.gradient_descent(gradient, [1.0, 2.0], 0.5, 4)
    np.testing.assert_array_equal(np.stack(seen), path.w[:-1])


# Stochastic gradients -----------------------------------------------------------------------------


def run_batches(steps, **options):
    """Return the batches that a run draws."""
    seen = []

    def gradient(w, batch):
        seen.append(np.array(batch))
        return np.zeros_like(w)

    rng = np.random.default_rng(11)
    optimize.stochastic_gradient_descent(gradient, [0.0], 0.1, steps, rng=rng, **options)
    return seen


def test_an_epoch_shows_each_sample_once():
    batches = run_batches(9, n_samples=5, batch_size=2)
    assert [len(b) for b in batches] == [2, 2, 1] * 3
    epochs = [np.concatenate(batches[k : k + 3]).tolist() for k in (0, 3, 6)]
    assert all(sorted(epoch) == [0, 1, 2, 3, 4] for epoch in epochs)
    assert epochs[0] != epochs[1]  # each pass is shuffled anew


def test_without_replacement_no_batch_repeats_a_sample():
    batches = run_batches(4000, n_samples=5, batch_size=2, sampling="without")
    assert all(len(set(b.tolist())) == 2 for b in batches)
    pairs = [tuple(sorted(b.tolist())) for b in batches]
    counts = np.array([pairs.count(pair) for pair in itertools.combinations(range(5), 2)])
    assert counts.sum() == 4000
    assert np.sum((counts - 400) ** 2 / 400) < 27.9  # chi square, 9 degrees of freedom: 0.1 %


def test_with_replacement_every_sample_is_as_likely():
    batches = np.array(run_batches(4000, n_samples=5, batch_size=2, sampling="with"))
    counts = np.bincount(batches.ravel(), minlength=5)
    assert np.sum((counts - 1600) ** 2 / 1600) < 18.5  # chi square, 4 degrees of freedom: 0.1 %
    repeats = np.mean(batches[:, 0] == batches[:, 1])
    assert abs(repeats - 1 / 5) < 4 * math.sqrt(0.2 * 0.8 / 4000)


@pytest.mark.parametrize("batch_size", [1, 2, 3, 4, 5])
def test_the_batch_gradient_is_unbiased(commute, batch_size):
    w = np.array([1.0, -2.0, 0.5])
    batches = list(itertools.combinations(range(5), batch_size))
    mean = np.mean([commute.gradient(w, list(b)) for b in batches], axis=0)
    np.testing.assert_allclose(mean, commute.gradient(w), rtol=1e-13)
    ordered = itertools.product(range(5), repeat=min(batch_size, 3))
    mean = np.mean([commute.gradient(w, list(b)) for b in ordered], axis=0)
    np.testing.assert_allclose(mean, commute.gradient(w), rtol=1e-13)


def test_the_noise_at_the_optimum_meets_the_reference_values(commute):
    best = linear.normal_equation(commute.X, commute.y)
    for size, expected in ((1, 74.83647879347821), (2, 28.06367954755437)):
        slopes = [commute.gradient(best, list(b)) for b in itertools.combinations(range(5), size)]
        assert np.mean(np.sum(np.square(slopes), axis=1)) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("sampling", ["epoch", "with", "without"])
def test_stochastic_descent_agrees_with_the_slow_twin(commute, sampling):
    batches = run_batches(40, n_samples=5, batch_size=2, sampling=sampling)
    path = optimize.stochastic_gradient_descent(
        commute.gradient,
        np.zeros(3),
        optimize.inverse_sqrt(0.06),
        40,
        n_samples=5,
        batch_size=2,
        sampling=sampling,
        rng=np.random.default_rng(11),
    )
    w = [0.0, 0.0, 0.0]
    for t, batch in enumerate(batches, start=1):
        part = linear.LeastSquares(commute.X[batch], commute.y[batch])
        slope = slow_slope(part)(w)
        w = [a - 0.06 / math.sqrt(t) * g for a, g in zip(w, slope, strict=True)]
        np.testing.assert_allclose(path.w[t], w, rtol=1e-11)


def test_a_full_batch_is_gradient_descent(commute):
    stochastic = optimize.stochastic_gradient_descent(
        commute.gradient,
        np.zeros(3),
        0.1,
        50,
        n_samples=5,
        batch_size=5,
        rng=np.random.default_rng(0),
    )
    plain = optimize.gradient_descent(commute.gradient, np.zeros(3), 0.1, 50)
    np.testing.assert_allclose(stochastic.w, plain.w, rtol=1e-11)


def test_the_same_generator_state_gives_the_same_path(commute):
    def run(seed):
        return optimize.stochastic_gradient_descent(
            commute.gradient, np.zeros(3), 0.05, 30, n_samples=5, rng=np.random.default_rng(seed)
        ).w

    np.testing.assert_array_equal(run(4), run(4))
    assert not np.array_equal(run(4), run(5))


def test_a_family_sees_the_same_batches(commute):
    def run(eta):
        return optimize.stochastic_gradient_descent(
            commute.gradient,
            np.zeros(3),
            eta,
            30,
            n_samples=5,
            batch_size=2,
            sampling="without",
            rng=np.random.default_rng(8),
        ).w

    rates = np.array([0.01, 0.05])
    family = run(rates)
    for k, eta in enumerate(rates):
        np.testing.assert_allclose(family[:, k], run(eta), rtol=1e-12)


def test_the_expected_cost_of_a_step_meets_the_reference_value(commute):
    # Section 3.6: b = 2, c = 0.06, the mean over all ten pairs after one and after two steps.
    best = 34231 / 14280
    pairs = [list(pair) for pair in itertools.combinations(range(5), 2)]
    rate = optimize.inverse_sqrt(0.06)
    once = np.array([-rate(1) * commute.gradient(np.zeros(3), pair) for pair in pairs])
    assert commute.cost(once).mean() - best == pytest.approx(73.5168418817, rel=1e-10)
    twice = np.array([w - rate(2) * commute.gradient(w, pair) for w in once for pair in pairs])
    assert commute.cost(twice).mean() - best == pytest.approx(19.6493113642, rel=1e-10)
