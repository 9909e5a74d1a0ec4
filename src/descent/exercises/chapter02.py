"""The answers of chapter 2, each computed by the core when it is asked for."""

import numpy as np

from descent import data, linear
from descent.exercises.kinds import Choice, Exercise, Function, Number, Vector


def _trips():
    trips = data.commute()
    return linear.design_matrix(trips.features), trips.minutes


def _both_flags():
    X, y = _trips()
    return np.column_stack([X, 1 - X[:, 2]]), y


def _limit_free():
    """Return the weights of ridge with both flags as lam goes to 0, the intercept free.

    Held are all weights but the first: the shortest solution for the centred columns.
    """
    X, y = _both_flags()
    centre = X[:, 1:].mean(axis=0)
    w = np.linalg.pinv(X[:, 1:] - centre) @ (y - y.mean())
    return np.concatenate([[y.mean() - centre @ w], w])


def _limit_held():
    X, y = _both_flags()
    return np.linalg.pinv(X) @ y


def _one_flag():
    return np.append(linear.normal_equation(*_trips()), 0.0)


def _test_ridge_in_units(ridge_in_units):
    """Ask for weights in the features' own units, and for predictions that no unit changes."""
    rng = np.random.default_rng(2)
    features = np.column_stack([rng.uniform(1, 9, 12), rng.uniform(0, 300, 12)])
    y = rng.uniform(9, 60, 12)
    for lam in (0.1, 2.0):
        v = linear.ridge(linear.design_matrix(linear.standardize(features).features), y, lam)
        wanted = _in_units(features, y, lam)
        found = _finite(ridge_in_units(features.copy(), y.copy(), lam), (3,))
        if found is None:
            return "It must return three weights for two features, intercept first: shape (3,)."
        if np.allclose(found, wanted, rtol=1e-6):
            continue
        if np.allclose(found, linear.ridge(linear.design_matrix(features), y, lam), rtol=1e-6):
            return "That is ridge on the raw features: their units still decide who is held back."
        if np.allclose(found, v, rtol=1e-6):
            return "These weights are for standardised features. Turn them back to the old units."
        if np.allclose(found, _in_units(features, y, lam, penalize_intercept=True), rtol=1e-6):
            return "Nearly: the intercept must stay free."
        if np.allclose(found[1:], wanted[1:], rtol=1e-6):
            return "The slopes are right. The intercept must also take back the shift by the means."
        if np.allclose(found, _in_units(features, y, lam * 12 / 11), rtol=1e-6):
            return "Nearly: your standard deviation divides by n − 1, linear.standardize's by n."
        if np.allclose(found, _in_units(features, y, lam / 12), rtol=1e-6):
            return "Nearly: your λ is weighed against the sum of squares, ours against their mean."
        if np.allclose(found, _in_units(features, y, 0), rtol=1e-6):
            return "That is the fit without any penalty: it knows no units, but holds nothing back."
        X = linear.design_matrix(features)
        off = np.abs(X @ found - X @ wanted).max()
        return (
            f"At λ = {lam:g} a prediction is off by {off:.3g} from that of ridge on standardised "
            "features."
        )
    return None


def _in_units(features, y, lam, **how):
    z, mean, scale = linear.standardize(features)
    v = linear.ridge(linear.design_matrix(z), y, lam, **how)
    return np.append(v[0] - v[1:] @ (mean / scale), v[1:] / scale)


def _test_left_out(left_out):
    """Compare with refitting, for which lam stays lam: it weighs a mean, over n - 1 samples now."""
    for n, degree, lam, seed in ((12, 3, 0.05, 1), (8, 9, 0.01, 2)):
        rng = np.random.default_rng(seed)
        X, y = linear.polynomial_features(rng.uniform(-1, 1, n), degree), rng.uniform(10, 40, n)
        rows = np.arange(n)
        fits = [linear.ridge(X[rows != i], y[rows != i], lam) for i in rows]
        wanted = y - np.sum(X * fits, axis=1)
        found = _finite(left_out(X.copy(), y.copy(), lam), (n,))
        if found is None:
            return f"It must return one residual for each sample: shape ({n},) for {n} samples."
        if np.allclose(found, wanted, rtol=1e-6, atol=1e-8):
            continue
        if np.allclose(found, -wanted, rtol=1e-6, atol=1e-8):
            return "The sign: a residual is measured minus predicted."
        if np.allclose(found, _shortcut(X, y, n * lam), rtol=1e-6, atol=1e-8):
            return "Nearly: the others are n − 1 samples, so the penalty next to XᵀX is (n − 1)λ."
        if np.allclose(found, _shortcut(X, y, (n - 1) * lam, free=0), rtol=1e-6, atol=1e-8):
            return "Nearly: the intercept must stay free, in the matrix as in ridge."
        if np.allclose(found, y - X @ linear.ridge(X, y, lam), rtol=1e-6, atol=1e-8):
            return "These are the ordinary residuals of the fit of all samples."
        if np.allclose(found, (y - X @ linear.ridge(X, y, lam)) * _stretch(X, lam), rtol=1e-6):
            return "Nearly: that is the leverage of the fit without a penalty; ridge has its own P."
        return (
            f"For sample 0 of {n} you return {found[0]:.4g}; the fit of the others misses it by "
            f"{wanted[0]:.4g}."
        )
    return None


def _shortcut(X, y, penalty, free=1):
    diagonal = np.ones(X.shape[1])
    diagonal[:free] = 0
    P = X @ np.linalg.solve(X.T @ X + penalty * np.diag(diagonal), X.T)
    return (y - P @ y) / (1 - P.diagonal())


def _stretch(X, lam):
    """Return 1 / (1 - P_ii) with the leverages of plain least squares, 1 where it has none."""
    leverage = np.sum(np.linalg.svd(X, full_matrices=False)[0] ** 2, axis=1)
    return 1 / (1 - leverage) if leverage.max() < 0.999 else np.ones(len(X))


def _finite(value, shape):
    """Return `value` as finite floats of this shape, or None if it is no such thing."""
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return None
    return array if array.shape == shape and np.isfinite(array).all() else None


EXERCISES = (
    Exercise(
        "2.1",
        "Two conventions",
        answer=Number(
            30 * 0.02,
            rtol=1e-6,
            mistakes=[
                (0.02, "The library adds squares up; we take half their mean. The numbers differ."),
                (0.02 / 30, "The other way round: what makes our first term a plain sum?"),
                (0.02 * 60, "The penalty has a ½ too: 2n times λ/2 is not 2nλ."),
                (0.02 / 2, "Multiply the whole cost by 2n: the first term must lose its 1/2n."),
                (0.02 * 29, "The mean is over all n = 30 samples, not over n − 1."),
            ],
        ),
        hints=(
            "A cost and the same cost times a constant have the same minimum.",
            "Multiply our penalised cost by 2n and compare term by term.",
        ),
    ),
    Exercise(
        "2.2",
        "The price of holding back",
        answer=Choice(
            [
                "It falls, then rises: there is a best λ.",
                "It never falls.",
                "It never rises.",
                "That depends on the data.",
            ],
            correct=1,
            why={
                0: "That is how the validation error often behaves; the training error does not.",
                2: "At λ = 0 the training error is as low as it can be.",
                3: "Two inequalities decide it for all data: w_λ is best for its own λ only.",
            },
        ),
        hints=(
            "Where is the training error lowest of all?",
            "Take λ < μ. Each solution is best for its own penalised cost: add both statements.",
        ),
    ),
    Exercise(
        "2.3",
        "Which of the many?",
        answer=Vector(
            _limit_free,
            rtol=0,
            atol=0.006,  # two decimals
            mistakes=[
                (_limit_held, "That is the limit with the intercept held as well; leave it free."),
                (
                    _one_flag,
                    "A best fit, not the shortest: the weekend weight can share the load.",
                ),
                (
                    lambda: _limit_free() * [1, 1, -1, -1],
                    "The signs of the flags are turned: a weekday takes longer, not shorter.",
                ),
                (
                    lambda: np.append(linear.normal_equation(*_trips())[:2], _limit_free()[2:]),
                    "The flags are right; the intercept must take up what they gave away.",
                ),
            ],
        ),
        hints=(
            "All best weights predict the same times. Which have the least w₁² + w₂² + w₃²?",
            "Weekday less weekend must stay 431/204. Split it so that the sum of squares is least.",
        ),
    ),
    Exercise(
        "2.4",
        "Ridge that knows no units",
        answer=Function(_test_ridge_in_units),
        hints=(
            "linear.standardize returns the new features, their old means and their old scales.",
            "With z = (x − mean)/scale the model is v₀ + Σ vⱼ zⱼ; collect what multiplies each xⱼ.",
        ),
    ),
    Exercise(
        "2.5",
        "Too good to be true",
        answer=Choice(
            [
                "With 300 rows even degree 14 cannot overfit.",
                "A held-out morning has copies among the rows of the fit, so it was not unseen.",
                "Five folds are too few for 300 rows; thirty would show the truth.",
                "Copying shrinks the noise by √10.",
            ],
            correct=1,
            why={
                0: "Ten copies only multiply the normal equation by ten: the curve stays the same.",
                2: "With thirty shuffled folds the copies are still on both sides.",
                3: "A copy repeats the noise of its original; nothing averages out.",
            },
        ),
        hints=(
            "What does the word unseen mean for a row that occurs ten times?",
            "Ask where the other nine copies of a held-out row are.",
        ),
    ),
    Exercise(
        "2.6",
        "Leave one out of ridge",
        answer=Function(_test_left_out),
        hints=(
            "Put the prediction from the others in place of yᵢ. With which penalty does the fit "
            "of all n samples then have the same weights?",
            "P = X (XᵀX + (n − 1)λ I₀)⁻¹ Xᵀ, by np.linalg.solve; then e / (1 − P.diagonal()) "
            "with e = y − P y.",
        ),
    ),
)
