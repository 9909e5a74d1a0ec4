"""The commutes and the simulated rush hour: their numbers, their law, and that they are fresh."""

import math

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
