"""The benchmarks of stochastic descent and the perceptron still run, on small data."""

import runpy

import pytest


@pytest.fixture(autouse=True)
def environment_restored(monkeypatch):
    """A benchmark sets the number of threads for its own process; here that is undone."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.setenv(name, "1")


def rows(root, name, *sizes):
    return runpy.run_path(str(root / "benchmarks" / f"{name}.py"))["run"](*sizes)


def test_one_step_is_measured_for_each_number_of_samples(root):
    table = rows(root, "sgd_step", (50, 2000))
    assert [row.n_samples for row in table] == [50, 2000]


def test_mini_batches_reach_one_percent(root):
    table = rows(root, "sgd_sklearn", 3000, 3)
    assert {row.contest for row in table} == {"from the features", "steps alone"}
    assert all(0 < row.excess <= 0.01 for row in table if row.who == "this core")


def test_the_perceptron_and_the_plain_loop_end_alike(root):
    """`run` itself compares the weights of all who take part."""
    table = [row for row in rows(root, "perceptron", 300, 5, 1) if row.points == "overlapping"]
    assert table[0].who == "this core"
    assert all(row.updates > 0 for row in table)


def test_least_squares_in_blocks_is_measured_against_lstsq(root):
    ours, lstsq, _ = rows(root, "blocks", 2000, 5, 500)
    assert ours.who == "this core, in blocks" and lstsq.who == "np.linalg.lstsq"
    assert max(ours.error, lstsq.error) < 0.01


def test_an_epoch_of_a_network_is_measured_for_both_batch_sizes(root):
    table = rows(root, "network_epoch", None, 300, 1)
    core = [row for row in table if row.who == "this core"]
    assert [row.batch_size for row in core] == [10, 128]
    assert all(row.ratio == 1 for row in core) and all(row.milliseconds > 0 for row in table)
