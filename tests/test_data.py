"""The commutes and the simulated rush hour: their numbers, their law, and that they are fresh."""

import math
from importlib.resources import files

import numpy as np
import pytest

from descent import data


def test_the_five_commutes():
    trips = data.commute()
    assert trips.distance.tolist() == [2.7, 4.1, 1.0, 5.2, 2.8]
    assert trips.weekday.tolist() == [1, 1, 0, 1, 0]
    assert trips.minutes.tolist() == [25, 33, 15, 45, 22]
    assert trips.features.shape == (5, 2)
    assert trips.features.dtype == trips.minutes.dtype == float


def test_the_commutes_know_their_units_and_their_source():
    trips = data.commute()
    assert trips.feature_names == ("distance (km)", "weekday (1) or weekend (0)")
    assert trips.target_name == "time (min)"
    assert "1.7" in trips.source


def test_every_call_gives_fresh_arrays():
    first, second = data.commute(), data.commute()
    first.features[:] = 0
    first.minutes[:] = 0
    assert second.minutes[0] == 25
    assert data.commute().features[0, 0] == 2.7
    assert not np.shares_memory(second.features, second.minutes)


def test_rush_hour_truth_against_a_loop():
    hours = [6.0, 7.3, 8.0, 8.7, 10.0]
    expected = [22 + 16 * math.exp(-(((h - 8) / 0.7) ** 2)) for h in hours]
    np.testing.assert_allclose(data.rush_hour_truth(hours), expected, rtol=1e-14)
    assert data.rush_hour_truth(8) == 38
    assert data.rush_hour_truth(np.zeros((2, 3))).shape == (2, 3)


def test_rush_hour_truth_keeps_its_input():
    hours = np.array([7.0, 8.0])
    hours.flags.writeable = False
    assert not np.shares_memory(data.rush_hour_truth(hours), hours)


def test_rush_hour_is_sorted_and_in_the_morning():
    sample = data.rush_hour(200, rng=np.random.default_rng(1))
    assert sample.hour.shape == sample.minutes.shape == sample.truth.shape == (200,)
    assert np.all(np.diff(sample.hour) > 0)
    assert 6 <= sample.hour[0] < 6.2 and 9.8 < sample.hour[-1] <= 10
    np.testing.assert_array_equal(sample.truth, data.rush_hour_truth(sample.hour))


def test_the_same_generator_state_gives_the_same_sample():
    one = data.rush_hour(rng=np.random.default_rng(3))
    two = data.rush_hour(rng=np.random.default_rng(3))
    other = data.rush_hour(rng=np.random.default_rng(4))
    np.testing.assert_array_equal(one.minutes, two.minutes)
    assert len(one.hour) == 30 and one.noise == 2.0
    assert not np.array_equal(one.minutes, other.minutes)


@pytest.mark.parametrize("noise", [0.5, 2.0])
def test_the_noise_has_the_stated_size(noise):
    sample = data.rush_hour(20_000, noise=noise, rng=np.random.default_rng(5))
    residual = sample.minutes - sample.truth
    assert sample.noise == noise
    # The mean and the standard deviation of 20,000 normal numbers, four standard errors wide.
    assert abs(residual.mean()) < 4 * noise / math.sqrt(20_000)
    assert residual.std() == pytest.approx(noise, rel=4 / math.sqrt(40_000))


def test_without_noise_the_sample_is_the_truth():
    sample = data.rush_hour(10, noise=0, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(sample.minutes, sample.truth)
    assert not np.shares_memory(sample.minutes, sample.truth)


def test_the_digits_are_those_of_the_repository():
    digits = data.digits()
    assert digits.images.shape == (1797, 64) and digits.labels.shape == (1797,)
    assert digits.images.dtype == float and digits.labels.dtype == int and digits.side == 8
    assert np.unique(digits.images).tolist() == [k / 16 for k in range(17)]
    assert digits.labels[:20].tolist() == list(range(10)) * 2
    counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.bincount(digits.labels).tolist() == counts
    first = "0 0 5 13 9 1 0 0 0 0 13 15 10 15 5 0"  # two rows of the first 0
    assert (16 * digits.images[0, :16]).tolist() == [float(k) for k in first.split()]
    assert 16 * digits.images.sum() == 561718
    assert "CC BY 4.0" in digits.source


def test_the_digits_agree_with_scikit_learns_copy():
    sklearn = pytest.importorskip("sklearn.datasets")
    theirs = sklearn.load_digits()
    np.testing.assert_array_equal(16 * data.digits().images, theirs.data)
    np.testing.assert_array_equal(data.digits().labels, theirs.target)


def test_the_digits_are_packed_the_same_at_every_time():
    """No date and no name in the gzip header: the file changes only with the data."""
    packed = (files("descent") / "datasets" / "digits.csv.gz").read_bytes()
    assert packed[:8] == bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0])


def test_the_digits_are_fresh():
    data.digits().images[:] = 9
    assert data.digits().images.max() == 1


def test_a_split_holds_each_row_once_and_every_class_alike():
    labels = data.digits().labels
    parts = data.split(labels, rng=np.random.default_rng(0))
    assert np.sort(np.concatenate(parts)).tolist() == list(range(1797))
    assert [len(part) for part in parts] == [1079, 359, 359]
    whole = np.bincount(labels) / len(labels)
    for part in parts:
        assert np.all(np.diff(part) > 0)
        np.testing.assert_allclose(np.bincount(labels[part]) / len(part), whole, atol=0.002)


def test_a_split_is_the_generators_and_takes_any_shares():
    labels = np.repeat([7, 3], 20)
    one, two = (data.split(labels, rng=np.random.default_rng(5)) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    other = data.split(labels, rng=np.random.default_rng(6))
    assert not np.array_equal(one.test, other.test)
    parts = data.split(labels, validation=0, test=0.25, rng=np.random.default_rng(0))
    assert [len(part) for part in parts] == [30, 0, 10]
    assert np.bincount(labels[parts.test]).tolist() == [0, 0, 0, 5, 0, 0, 0, 5]
