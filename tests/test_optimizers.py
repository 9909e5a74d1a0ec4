"""The optimisers and what chapter 5 asks of a path, against loops and known numbers."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from descent import data
from descent import optimize as op
from descent.linear import LeastSquares, design_matrix, normal_equation

BOWL = np.array([0.1, 2.0])  # f = x^2/20 + y^2, condition number 20
START = np.array([-7.0, 2.0])


def bowl(w):
    return BOWL * w


@pytest.fixture(scope="module")
def commute():
    trips = data.commute()
    return LeastSquares(design_matrix(trips.features), trips.minutes)


def twin(name, start, eta, steps, a=0.9, b=0.999, eps=1e-8):
    """The optimisers parameter by parameter, as the formulas say."""
    w, path = [float(x) for x in start], []
    v, m, h = [0.0] * len(w), [0.0] * len(w), [0.0] * len(w)
    for t in range(1, steps + 1):
        g = [BOWL[j] * w[j] for j in range(len(w))]
        for j in range(len(w)):
            if name == "momentum":
                v[j] = a * v[j] - eta * g[j]
                w[j] = w[j] + v[j]
            if name == "adagrad":
                h[j] = h[j] + g[j] ** 2
                w[j] = w[j] - eta * g[j] / (h[j] ** 0.5 + eps)
            if name == "adam":
                m[j] = a * m[j] + (1 - a) * g[j]
                v[j] = b * v[j] + (1 - b) * g[j] ** 2
                w[j] -= eta * (m[j] / (1 - a**t)) / ((v[j] / (1 - b**t)) ** 0.5 + eps)
        path.append(list(w))
    return path


OPTIMIZERS = {"momentum": op.Momentum, "adagrad": op.AdaGrad, "adam": op.Adam}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_follows_its_formula(name):
    path = op.gradient_descent(bowl, START, 0.1, 100, optimizer=OPTIMIZERS[name]())
    np.testing.assert_allclose(path.w[1:], twin(name, START, 0.1, 100), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_family_is_its_members(name):
    rates = np.array([[0.01, 0.1, 0.5]])
    family = op.gradient_descent(
        bowl, [[START], [START / 3]], rates, 30, optimizer=OPTIMIZERS[name]()
    )
    assert family.w.shape == (31, 2, 3, 2)
    for i, start in enumerate((START, START / 3)):
        for j, rate in enumerate(rates[0]):
            alone = op.gradient_descent(bowl, start, rate, 30, optimizer=OPTIMIZERS[name]())
            np.testing.assert_allclose(family.w[:, i, j], alone.w, rtol=1e-13)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_both_runners_take_an_optimizer(commute, name):
    """One batch of all samples is the full gradient."""
    full = op.gradient_descent(
        commute.gradient, np.zeros(3), 0.05, 40, optimizer=OPTIMIZERS[name]()
    )
    batch = op.stochastic_gradient_descent(
        commute.gradient,
        np.zeros(3),
        0.05,
        40,
        n_samples=5,
        batch_size=5,
        rng=np.random.default_rng(0),
        optimizer=OPTIMIZERS[name](),
    )
    np.testing.assert_allclose(batch.w, full.w, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_keeps_no_state_between_runs(name):
    one = OPTIMIZERS[name]()
    first = op.gradient_descent(bowl, START, 0.1, 20, optimizer=one)
    second = op.gradient_descent(bowl, START, 0.1, 20, optimizer=one)
    np.testing.assert_array_equal(first.w, second.w)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_lost_member_disturbs_nobody(name):
    """Warnings are errors here: the state of the lost member may not utter any."""

    def steep(w):
        assert np.isfinite(w).all()  # a gradient is never asked about a lost member's NaN
        return np.where(np.abs(w) > 8, w**3 * 1e100, bowl(w))

    starts = np.array([START, [1e80, 1.0], [9.0, 0.0]])
    family = op.gradient_descent(steep, starts, 0.3, 400, optimizer=OPTIMIZERS[name]())
    alone = op.gradient_descent(bowl, START, 0.3, 400, optimizer=OPTIMIZERS[name]())
    np.testing.assert_allclose(family.w[:, 0], alone.w, rtol=1e-12, atol=1e-300)
    assert family.diverged_at[:2].tolist() == [-1, 1]


def test_momentum_diverges_in_silence_and_says_when():
    path = op.gradient_descent(bowl, START, [0.1, 2.5], 3000, optimizer=op.Momentum(0.9))
    assert path.diverged_at[0] == -1
    lost = path.diverged_at[1]
    assert 0 < lost < 3000
    assert np.isfinite(path.w[:lost, 1]).all()
    assert np.isnan(path.w[lost:, 1]).all()
    assert np.isfinite(path.w[:, 0]).all()


def test_momentum_without_memory_is_plain_descent():
    plain = op.gradient_descent(bowl, START, 0.4, 30)
    kept = op.gradient_descent(bowl, START, 0.4, 30, optimizer=op.Momentum(0.0))
    np.testing.assert_allclose(kept.w, plain.w, rtol=1e-14)


def test_a_family_of_memories():
    betas = np.array([0.0, 0.5, 0.9])
    family = op.gradient_descent(bowl, START, 0.1, 30, optimizer=op.Momentum(betas))
    for j, beta in enumerate(betas):
        alone = op.gradient_descent(bowl, START, 0.1, 30, optimizer=op.Momentum(beta))
        np.testing.assert_allclose(family.w[:, j], alone.w, rtol=1e-13)


def test_agreeing_steps_add_up_to_one_over_one_minus_beta():
    path = op.gradient_descent(np.ones_like, np.zeros(1), 0.01, 500, optimizer=op.Momentum(0.9))
    assert np.diff(path.w[:, 0])[-1] == pytest.approx(-0.01 / (1 - 0.9))


def test_best_momentum_beats_best_plain_descent_on_a_bowl():
    """Polyak's rate (sqrt k - 1)/(sqrt k + 1) against (k - 1)/(k + 1), condition number k = 20."""
    root = np.sqrt(BOWL)
    beta = ((root[1] - root[0]) / (root[1] + root[0])) ** 2
    eta = 4 / (root[0] + root[1]) ** 2
    plain = op.gradient_descent(bowl, START, 2 / BOWL.sum(), 100)
    kept = op.gradient_descent(bowl, START, eta, 100, optimizer=op.Momentum(beta))

    def distance(path):
        return np.linalg.norm(path.w[-1])

    assert distance(plain) == pytest.approx((19 / 21) ** 100 * np.linalg.norm(START), rel=1e-6)
    assert distance(kept) < 1e-3 * distance(plain)


@settings(deadline=None)
@given(st.lists(st.floats(0.01, 1e6) | st.floats(-1e6, -0.01), min_size=1, max_size=4))
def test_first_steps_of_adagrad_and_adam_are_eta_long(slopes):
    g = np.array(slopes)
    for one in (op.AdaGrad(), op.Adam()):
        path = op.gradient_descent(lambda w: g, np.zeros(len(g)), 0.1, 1, optimizer=one)
        np.testing.assert_allclose(path.w[1], -0.1 * np.sign(g), rtol=1e-5)


def test_on_a_constant_slope_adagrad_slows_and_adam_does_not():
    def steps(one):
        path = op.gradient_descent(
            lambda w: np.full_like(w, 3.0), np.zeros(1), 0.1, 200, optimizer=one
        )
        return -np.diff(path.w[:, 0])

    t = np.arange(1, 201)
    np.testing.assert_allclose(steps(op.AdaGrad()), 0.1 / np.sqrt(t), rtol=1e-7)
    np.testing.assert_allclose(steps(op.Adam()), 0.1, rtol=1e-7)


def test_a_flat_direction_stays_where_it_is():
    for one in (op.Momentum(), op.AdaGrad(), op.Adam()):
        path = op.gradient_descent(np.zeros_like, START, 0.1, 5, optimizer=one)
        np.testing.assert_array_equal(path.w[-1], START)


def test_optimizers_agree_with_pytorch():
    torch = pytest.importorskip("torch")
    theirs = {
        "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
        "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.1, eps=1e-8),
        "adam": lambda p: torch.optim.Adam(p, lr=0.1, eps=1e-8),
    }
    for name, make in theirs.items():
        w = torch.tensor(START, requires_grad=True)
        optimizer = make([w])
        for _ in range(100):
            optimizer.zero_grad()
            (torch.tensor(BOWL) * w**2 / 2).sum().backward()
            optimizer.step()
        ours = op.gradient_descent(bowl, START, 0.1, 100, optimizer=OPTIMIZERS[name]()).w[-1]
        np.testing.assert_allclose(ours, w.detach().numpy(), rtol=1e-9)


@pytest.mark.parametrize("wrong", [-0.1, 1.0, 1.5])
def test_shares_lie_in_zero_to_one(wrong):
    for make in (op.Momentum, op.Adam, lambda b: op.Adam(0.9, b)):
        with pytest.raises(ValueError, match="must be"):
            make(wrong)


@pytest.mark.parametrize("wrong", [0, -1e-8])
def test_epsilon_is_positive(wrong):
    for make in (op.AdaGrad, lambda e: op.Adam(epsilon=e)):
        with pytest.raises(ValueError, match="greater than 0"):
            make(wrong)


def test_a_projection_must_keep_the_shape():
    with pytest.raises(ValueError, match="project returned shape"):
        op.gradient_descent(bowl, START, 0.1, 5, project=np.sum)


# Projection and averages


@settings(deadline=None)
@given(st.lists(st.floats(-1e200, 1e200), min_size=2, max_size=2), st.floats(0.1, 10))
def test_a_ball_keeps_the_inside_and_shortens_the_rest(w, radius):
    w = np.array(w)
    near, length = op.ball(radius)(w), np.hypot(*w)
    if length <= radius:
        np.testing.assert_array_equal(near, w)
    else:
        assert np.hypot(*near) == pytest.approx(radius)
        np.testing.assert_allclose(near / radius, w / length, atol=1e-12)


def test_a_projected_family_stays_in_the_ball():
    starts = np.random.default_rng(0).uniform(-5, 5, (7, 2))
    path = op.gradient_descent(lambda w: bowl(w) - 3, starts, 0.3, 50, project=op.ball(1.5))
    assert np.linalg.norm(path.w[1:], axis=-1).max() <= 1.5 * (1 + 1e-15)
    np.testing.assert_allclose(np.linalg.norm(path.w[-1], axis=-1), 1.5)


def test_average_is_the_mean_of_the_iterates_before():
    path = op.gradient_descent(bowl, [START, START / 2], 0.3, 9)
    means = op.average(path)
    np.testing.assert_array_equal(means[0], path.w[0])
    for t in range(1, 10):
        np.testing.assert_allclose(means[t], sum(path.w[:t]) / t, rtol=1e-14)


def test_average_and_stop_need_every_step():
    path = op.gradient_descent(bowl, START, 0.3, 10, every=2)
    for ask in (op.average, lambda p: op.first_small_step(p, 0.1)):
        with pytest.raises(ValueError, match="every=1"):
            ask(path)
        with pytest.raises(TypeError, match="must be the Path"):
            ask(path.w)


def test_average_of_a_lost_run_is_nan_without_a_word():
    path = op.gradient_descent(lambda w: w**3, [[2.0], [0.1]], 1.0, 12)
    means = op.average(path)
    assert np.isnan(means[-1, 0, 0])
    assert np.isfinite(means[:, 1]).all()


def test_the_averaged_iterate_keeps_its_promise(commute):
    """E[C(mean)] - C* <= (R^2/(2c) + c G^2)/sqrt(T): convex, projected, gradients within G."""
    radius, c = 12.0, 0.06
    norms = np.linalg.norm(commute.X, axis=1)
    G = np.max(norms * (norms * radius + commute.y))
    best = commute.cost(normal_equation(commute.X, commute.y))
    excess = [
        commute.cost(
            op.average(
                op.stochastic_gradient_descent(
                    commute.gradient,
                    np.zeros(3),
                    op.inverse_sqrt(c),
                    400,
                    n_samples=5,
                    sampling="with",
                    rng=np.random.default_rng(seed),
                    project=op.ball(radius),
                )
            )
        )
        - best
        for seed in range(30)
    ]
    T = np.arange(1, 401)
    bound = ((2 * radius) ** 2 / (2 * c) + c * G**2) / np.sqrt(T)
    mean = np.mean(excess, axis=0)[1:]
    assert np.all(mean <= bound)
    assert np.all(mean >= 0)
    assert mean[-1] < mean[3] / 3


# The source's rule: stop when a step is short


def test_first_small_step_reads_a_path():
    w = np.array([[[0.0], [0.0]], [[1.0], [2.0]], [[1.5], [4.0]], [[1.6], [6.0]], [[3.0], [8.0]]])
    path = op.Path(np.arange(5), w, np.ones(4), np.array([-1, -1]))
    assert op.first_small_step(path, 0.2).tolist() == [3, -1]


@pytest.mark.parametrize(("eta", "step", "cost"), [(0.1, 75, 2.5427), (0.01, 30, 3.67)])
def test_where_the_rule_stops_plain_descent(commute, eta, step, cost):
    path = op.gradient_descent(commute.gradient, np.zeros(3), eta, 100)
    stop = op.first_small_step(path, 0.02)
    assert stop == step
    assert commute.cost(path.w[stop]) == pytest.approx(cost, abs=0.005)


@pytest.mark.full
def test_the_sources_experiment_over_a_thousand_seeds(commute):
    """c = 0.06, b = 2, stop at |dw| < 0.02: the rule stops far from the optimum.

    The reference runs draw one of the ten pairs by `default_rng(seed).integers(0, 10)`.
    """
    pairs = np.array(list(combinations(range(5), 2)))
    stops, costs = [], []
    for seed in range(1000):
        path = op.stochastic_gradient_descent(
            lambda w, batch: commute.gradient(w, pairs[batch[0]]),
            np.zeros(3),
            op.inverse_sqrt(0.06),
            45,
            n_samples=10,
            sampling="with",
            rng=np.random.default_rng(seed),
        )
        stops.append(op.first_small_step(path, 0.02))
        costs.append(commute.cost(path.w[stops[-1]]))
    assert np.percentile(stops, [0, 5, 25, 50, 75, 95, 100]).tolist() == [3, 5, 9, 13, 19, 27, 42]
    np.testing.assert_allclose(np.percentile(costs, [5, 50, 95]), [3.314, 3.724, 4.227], atol=5e-4)
    best = commute.cost(normal_equation(commute.X, commute.y))
    ratio = np.array(costs) / best
    assert ratio.argmin() == 273
    assert ratio.min() == pytest.approx(1.2445, abs=1e-4)


def test_an_epoch_takes_every_sample_once():
    seen = []

    def gradient(w, batch):
        seen.append(batch.copy())
        return np.zeros_like(w)

    op.stochastic_gradient_descent(
        gradient, START, 0.1, 9, n_samples=8, batch_size=3, rng=np.random.default_rng(0)
    )
    assert [len(batch) for batch in seen] == [3, 3, 2] * 3
    epochs = [np.concatenate(seen[i : i + 3]) for i in (0, 3, 6)]
    assert all(sorted(epoch) == list(range(8)) for epoch in epochs)
    assert not np.array_equal(epochs[0], epochs[1])
