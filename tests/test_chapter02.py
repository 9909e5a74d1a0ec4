"""Chapter 2: its sentences about curves and ridge hold, its pictures show what they claim."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from descent import data, linear
from descent.exercises import chapter02 as exercises
from descent.exercises import check
from descent.experiments import chapter02 as experiments
from descent.figures import chapter02 as draw

TRIPS = data.commute()
KM, Y = TRIPS.distance, TRIPS.minutes
X_FLAGS = np.column_stack([linear.design_matrix(TRIPS.features), 1 - TRIPS.weekday])


@pytest.fixture(scope="module")
def mornings():
    """The thirty mornings of the chapter and their folds, drawn in the chapter's order."""
    rng = np.random.default_rng(7)
    rush = data.rush_hour(30, rng=rng)
    return rush, rng.permutation(np.arange(30) % 5)


@pytest.fixture(scope="module")
def powers(mornings):
    rush, _ = mornings
    return [linear.polynomial_features((rush.hour - 8) / 2, m) for m in range(15)]


@pytest.fixture(scope="module")
def book(mornings):
    return draw.bend_and_hold(*mornings)


@pytest.fixture
def axes():
    figure, axes = plt.subplots(2, 2)
    yield axes
    plt.close(figure)


def penalised(X, y, lam, held=slice(1, None)):
    """The cost with its penalty, written as sums."""

    def cost(w):
        misses = [
            sum(row[j] * w[j] for j in range(len(w))) - t for row, t in zip(X, y, strict=True)
        ]
        return sum(r * r for r in misses) / (2 * len(y)) + lam / 2 * sum(v * v for v in w[held])

    return cost


def left_out(X, y, fit):
    rows = np.arange(len(y))
    return np.array([y[i] - X[i] @ fit(X[rows != i], y[rows != i]) for i in rows])


def validation_error(X, y, fold, fit):
    """The slow twin of the chapter's cross-validation: one morning at a time."""
    misses = [y[i] - X[i] @ fit(X[fold != fold[i]], y[fold != fold[i]]) for i in range(len(y))]
    return np.mean(np.square(misses))


# ------------------------------------------------------------------------------ the five trips


@pytest.mark.parametrize(
    ("degree", "exact"),
    [
        (1, [14274 / 2513, 17750 / 2513]),
        (2, [1094378564 / 82257517, 219057770 / 246772551, 244604300 / 246772551]),
        (4, [-4072581 / 11594, 37362856789 / 56972916, -1885112765 / 5179356, 88300325 / 1095633,
             -12534875 / 2034747]),
    ],
)  # fmt: skip
def test_polynomials_of_the_trips_have_the_exact_weights(degree, exact):
    found = linear.normal_equation(linear.polynomial_features(KM, degree), Y)
    np.testing.assert_allclose(found, exact, rtol=1e-9)


def test_left_out_trips_prefer_degree_2():
    errors = [
        np.mean(left_out(linear.polynomial_features(KM, m), Y, linear.normal_equation) ** 2)
        for m in range(4)
    ]
    np.testing.assert_allclose(
        errors, [165, 22.9797752137, 14.1366320406, 18177.6459724], rtol=1e-8
    )


def test_five_distances_do_not_determine_degree_5():
    with pytest.raises(ValueError, match="5 rows for 6 columns"):
        linear.normal_equation(linear.polynomial_features(KM, 5), Y)


def test_degree_m_needs_m_plus_one_different_values():
    """A repeated distance does not count."""
    x = np.array([1.0, 2.0, 2.0, 4.0])
    assert linear.spectrum(linear.polynomial_features(x, 2)).eigenvalues[0] > 0
    assert linear.spectrum(linear.polynomial_features(x, 3)).eigenvalues[0] == 0


# ------------------------------------------------------------------------------- thirty mornings


def test_validation_has_its_minimum_at_degree_7(mornings, powers):
    rush, fold = mornings
    errors = [validation_error(X, rush.minutes, fold, linear.normal_equation) for X in powers]
    assert np.argmin(errors) == 7
    assert errors[14] > 1000 * errors[7]
    training = [
        2 * linear.cost(X, rush.minutes, linear.normal_equation(X, rush.minutes)) for X in powers
    ]
    assert np.all(np.diff(training) < 0)


def test_weights_move_far_along_the_imitation_and_predictions_do_not(powers):
    X = powers[14]
    recipe = linear.normal_equation(X[:, :14], X[:, 14])
    v = np.append(-recipe, 1)
    assert np.linalg.norm(X @ v) < 1e-4 * np.linalg.norm(v)
    smallest = np.linalg.svd(X, compute_uv=False)[-1]
    np.testing.assert_allclose(np.linalg.norm(X @ v) / np.linalg.norm(v), smallest, rtol=0.05)


def test_with_its_own_best_strength_the_degree_matters_little(mornings, powers):
    """With that of degree 14 it does matter: degree 7 is then half as bad again."""
    rush, fold = mornings
    errors = [experiments.validation(X, rush.minutes, fold) for X in powers[7:]]
    best = [error.min() for error in errors]
    assert max(best) < 1.2 * min(best)
    assert errors[0][errors[-1].argmin()] > 1.4 * errors[-1].min()


# ----------------------------------------------------------------------------------------- ridge


def test_the_gradient_is_that_of_the_penalised_sum():
    rng = np.random.default_rng(3)
    X, y, w, lam = linear.design_matrix(rng.random((6, 3))), rng.random(6), rng.random(4), 0.7
    cost, h = penalised(X, y, lam), 1e-5
    slopes = [(cost(w + h * e) - cost(w - h * e)) / (2 * h) for e in np.eye(4)]
    expected = linear.gradient(X, y, w) + lam * np.array([0, *w[1:]])
    np.testing.assert_allclose(slopes, expected, rtol=1e-8)


@pytest.mark.parametrize("free", [True, False])
def test_every_move_away_from_ridge_costs_half_the_quadratic_form(free):
    """Also with dependent columns, and with more weights than samples."""
    rng = np.random.default_rng(4)
    wide = linear.design_matrix(rng.standard_normal((4, 7)))
    for X, y in ((X_FLAGS, Y), (wide, rng.standard_normal(4))):
        diagonal = np.ones(X.shape[1])
        diagonal[0] = 0 if free else 1
        held = slice(1, None) if free else slice(None)
        cost = penalised(X, y, 0.3, held)
        w = linear.ridge(X, y, 0.3, penalize_intercept=not free)
        form = X.T @ X / len(y) + 0.3 * np.diag(diagonal)
        assert np.linalg.eigvalsh(form)[0] > 0.01
        for v in rng.standard_normal((5, X.shape[1])):
            np.testing.assert_allclose(cost(w + v) - cost(w), v @ form @ v / 2, rtol=1e-8)


def test_ridge_keeps_the_share_of_each_direction(mornings, powers):
    rush, _ = mornings
    X, y, lam = powers[6], rush.minutes, 1e-3
    centred = X[:, 1:] - X[:, 1:].mean(axis=0)
    _, s, Vt = np.linalg.svd(centred, full_matrices=False)
    share = s**2 / (s**2 + len(y) * lam)
    plain, held = linear.normal_equation(X, y), linear.ridge(X, y, lam)
    np.testing.assert_allclose(Vt @ held[1:], share * (Vt @ plain[1:]), rtol=1e-8)
    np.testing.assert_allclose(held[0], y.mean() - X[:, 1:].mean(axis=0) @ held[1:])


@pytest.mark.parametrize(
    ("lam", "held", "free"),
    [
        (0.1, (4.435171061233369, 7.022771845718025, 1.548921333623888),
         (7.025543665861235, 6.284086986537797, 1.8612357611322141)),
        (10, (1.2350198552307872, 4.394849389442641, 0.8784292030376596),
         (24.117353124454105, 1.1691509859492764, 0.3135495999103092)),
    ],
)  # fmt: skip
def test_ridge_on_the_trips(lam, held, free):
    X = linear.design_matrix(TRIPS.features)
    np.testing.assert_allclose(linear.ridge(X, Y, lam, penalize_intercept=True), held, rtol=1e-11)
    np.testing.assert_allclose(linear.ridge(X, Y, lam), free, rtol=1e-11)


def test_both_ends_of_the_strength():
    shortest = [4.761671335, 6.533613445, 3.437208217, 1.324463119]
    held = linear.ridge(X_FLAGS, Y, 1e-10, penalize_intercept=True)
    np.testing.assert_allclose(held, shortest, rtol=1e-7)
    np.testing.assert_allclose(linear.ridge(X_FLAGS, Y, 1e9), [28, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(linear.ridge(X_FLAGS, Y, 1e9, penalize_intercept=True), 0, atol=1e-6)


def test_standardised_ridge_knows_no_units():
    predictions = []
    for unit in ([1, 1], [1000, 1], [0.3, 60]):
        z = linear.standardize(TRIPS.features * unit).features
        X = linear.design_matrix(z)
        predictions.append(X @ linear.ridge(X, Y, 0.1))
    np.testing.assert_allclose(predictions[1:], [predictions[0]] * 2, rtol=1e-12)


def test_half_is_no_norm():
    def length(v, p):
        return np.sum(np.abs(v) ** p) ** (1 / p)

    a, b = np.eye(2)
    assert length(a + b, 0.5) > length(a, 0.5) + length(b, 0.5)
    for p in (1, 2, 3):
        assert length(a + b, p) <= length(a, p) + length(b, p)


# -------------------------------------------------------------------------------------- pictures


def test_the_curve_of_every_position_is_the_core_s(book, mornings):
    rush, fold = mornings
    fit, _, heads, taught, unseen, low, high = book.moves
    rng = np.random.default_rng(0)
    for i, k in zip(rng.integers(0, 40, 12), rng.integers(0, 14, 12), strict=True):
        degree, lam = experiments.DEGREES[k], experiments.STRENGTHS[i]
        X = linear.polynomial_features((rush.hour - 8) / 2, degree)
        w = linear.ridge(X, rush.minutes, lam)
        x = (fit.x[i, k] - 8) / 2
        np.testing.assert_allclose(
            fit.y[i, k], linear.polynomial_features(x, degree) @ w, rtol=1e-6, atol=1e-6
        )
        np.testing.assert_allclose(heads.y[i, k][: degree + 1], w, rtol=1e-6)
        assert np.isnan(heads.y[i, k][degree + 1 :]).all()
        training = 2 * linear.cost(X, rush.minutes, w)
        unseen_error = validation_error(
            X, rush.minutes, fold, lambda X, y, lam=lam: linear.ridge(X, y, lam)
        )
        np.testing.assert_allclose(low.y[i, k], training, rtol=1e-6)
        np.testing.assert_allclose(high.y[i, k], unseen_error, rtol=1e-6)
        np.testing.assert_allclose(
            [taught.y[i, k][i], unseen.y[i, k][i]], [training, unseen_error], rtol=1e-6
        )


def test_the_figure_starts_far_too_weak(book):
    i, k = book.start
    assert experiments.DEGREES[k] == 14
    assert book.readout[i, k].endswith("too weak, the curve follows the noise")
    assert book.readout[-1, k].endswith("too strong, the curve loses the rush hour")
    assert sum("about the best" in text for text in book.readout[:, k]) >= 1


def test_every_sentence_of_the_readout_fits_its_numbers(book):
    high = book.moves[-1].y[..., 0]
    for k in range(len(experiments.DEGREES)):
        best = high[:, k].argmin()
        assert "about the best" in book.readout[best, k]
        for i, text in enumerate(book.readout[:, k]):
            said = float(re.search(r"validation ([\d.]+) min²", text).group(1))
            assert abs(said - high[i, k]) <= (0.0051 if said < 100 else 0.51)
            if "too weak" in text:
                assert i < best
            if "too strong" in text:
                assert i > best


def test_the_figure_stays_small(book):
    assert len(book.data) < 200_000


def test_static_pictures_draw_the_numbers_they_are_given(axes, mornings):
    rush, _ = mornings
    fits = [linear.normal_equation(linear.polynomial_features(KM, m), Y) for m in (1, 2, 3, 4)]
    draw.bends(TRIPS, fits, axes)
    for ax, w in zip(axes.flat, fits, strict=True):
        curve, points = ax.lines
        x, y = curve.get_data()
        np.testing.assert_allclose(y, np.polynomial.polynomial.polyval(x, w), rtol=1e-6, atol=1e-6)
        np.testing.assert_array_equal(points.get_ydata(), Y)

    (a, b), (c, d) = axes
    for ax in axes.flat:
        ax.clear()
    draw.errors(range(4), [4, 3, 2, 1], [5, 4, 6, 7], a)
    assert [list(line.get_ydata()) for line in a.lines] == [[4, 3, 2, 1], [5, 4, 6, 7]]
    draw.strengths(np.logspace(-3, 1, 5), np.arange(1, 6), np.array([9, 7, 5, 6, 8.0]), b)
    assert b.lines[-1].get_xdata() == pytest.approx([0.1])
    draw.mornings(rush, c, [np.array([28.0, 1.0])])
    assert c.lines[0].get_ydata() == pytest.approx(rush.minutes)
    assert c.lines[2].get_ydata()[[0, -1]] == pytest.approx([27, 29])
    draw.held_and_free(Y, Y - 9, Y + 1, d)
    assert d.lines[2].get_ydata() == pytest.approx(Y + 1)
    assert d.lines[3].get_ydata() == pytest.approx(Y - 9)


def test_histograms_count_every_choice(axes):
    lam, top = np.logspace(-2, 2, 5), axes[:, 0]
    draw.chosen_strengths(lam, [0, 0, 3], [4, 4, 4], top)
    for ax, counts in zip(top, ([2, 0, 0, 1, 0], [0, 0, 0, 0, 3]), strict=True):
        ends = [segment[1, 1] for segment in ax.collections[0].get_segments()]
        assert ends == counts


def test_imitation_shows_the_gap_times_a_thousand(axes, powers):
    X = powers[14]
    recipe = linear.normal_equation(X[:, :14], X[:, 14])
    draw.imitation(X[:, 1], recipe, axes[0])
    dots = axes[0, 1].lines[-1].get_ydata()
    np.testing.assert_allclose(dots, 1000 * (X[:, 14] - X[:, :14] @ recipe), atol=1e-8)


# ------------------------------------------------------------------------------------- exercises


def ridge_in_units(features, y, lam):
    z, mean, scale = linear.standardize(features)
    v = linear.ridge(linear.design_matrix(z), y, lam)
    return np.append(v[0] - (v[1:] / scale) @ mean, v[1:] / scale)


def standard_matrix(features):
    return linear.design_matrix(linear.standardize(features).features)


def ridge_left_out(X, y, lam, penalty=lambda n, lam: (n - 1) * lam, free=1):
    return exercises._shortcut(X, y, penalty(len(y), lam), free)


RIGHT = {
    "2.1": [0.6, "0.6", "3/5"],
    "2.2": ["b", "It never falls."],
    "2.3": [[7.1425, 6.5336, 1.0564, -1.0564], "7.14, 6.53, 1.06, -1.06"],
    "2.4": [ridge_in_units],
    "2.5": ["b"],
    "2.6": [ridge_left_out, lambda X, y, lam: left_out(X, y, lambda A, b: linear.ridge(A, b, lam))],
}
KNOWN = {
    "2.1": [(0.02, "numbers differ"), (0.02 / 30, "other way round"), (1.2, "½"), (0.01, "2n")],
    "2.2": [("a", "validation"), ("c", "λ = 0"), ("d", "all data")],
    "2.3": [
        ([4.7617, 6.5336, 3.4372, 1.3245], "leave it free"),
        ([6.0861, 6.5336, 2.1127, 0], "share the load"),
    ],
    "2.4": [
        (lambda f, y, lam: linear.ridge(linear.design_matrix(f), y, lam), "raw features"),
        (lambda f, y, lam: linear.ridge(standard_matrix(f), y, lam), "standardised features"),
        (lambda f, y, lam: ridge_in_units(f, y, lam) + [1, 0, 0], "shift by the means"),
        (lambda f, y, lam: ridge_in_units(f, y, 2 * lam), "is off by"),
        (lambda f, y, lam: None, "three weights"),
    ],
    "2.5": [("a", "ten"), ("c", "both sides"), ("d", "noise")],
    "2.6": [
        (lambda X, y, lam: -ridge_left_out(X, y, lam), "sign"),
        (lambda X, y, lam: ridge_left_out(X, y, lam, lambda n, lam: n * lam), "n − 1"),
        (lambda X, y, lam: ridge_left_out(X, y, lam, free=0), "intercept"),
        (lambda X, y, lam: y - X @ linear.ridge(X, y, lam), "ordinary residuals"),
        (lambda X, y, lam: 2 * ridge_left_out(X, y, lam), "misses it by"),
        (lambda X, y, lam: "text", "one residual for each"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("number", RIGHT)
def test_right_answers_are_right(number):
    for answer in RIGHT[number]:
        verdict = check(number, answer)
        assert verdict.right, verdict


@pytest.mark.parametrize("number", KNOWN)
def test_known_mistakes_get_their_own_words(number):
    for answer, words in KNOWN[number]:
        verdict = check(number, answer)
        assert verdict.right is False
        assert words in verdict.text, verdict


def test_every_exercise_is_tried():
    assert [exercise.number for exercise in exercises.EXERCISES] == list(RIGHT) == list(KNOWN)
