"""MNIST is read from IDX and NPZ, fetched from a server of our own, and refused when broken."""

import functools
import gzip
import hashlib
import http.server
import os
import struct
import threading
from pathlib import Path

import numpy as np
import pytest

from descent import data
from descent.datasets import mnist

RNG = np.random.default_rng(0)
ARRAYS = {
    "x_train": RNG.integers(0, 256, (6, 784), dtype=np.uint8),
    "y_train": np.array([3, 1, 4, 1, 5, 9], np.uint8),
    "x_test": RNG.integers(0, 256, (2, 784), dtype=np.uint8),
    "y_test": np.array([2, 6], np.uint8),
}
ARRAYS["x_train"][0, :2] = 0, 255
NAMES = tuple(mnist.CHECKSUMS)


def idx(array):
    """The IDX bytes of pictures or labels, written from the format's description."""
    if array.ndim == 2:
        return struct.pack(">IIII", 0x0803, len(array), 28, 28) + array.tobytes()
    return struct.pack(">II", 0x0801, len(array)) + array.tobytes()


def write_idx(folder, ending=".gz", spell=str):
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip(NAMES, ARRAYS.values(), strict=True):
        content = idx(array)
        packed = gzip.compress(content, mtime=0) if ending else content
        (folder / (spell(name) + ending)).write_bytes(packed)
    return folder


def agrees(found):
    for part, kind in ((found.training, "train"), (found.test, "test")):
        np.testing.assert_array_equal(part.images, ARRAYS[f"x_{kind}"] / 255)
        np.testing.assert_array_equal(part.labels, ARRAYS[f"y_{kind}"])
        assert part.labels.dtype == int
        assert part.side == 28
    assert found.training.images[0, :2].tolist() == [0, 1]


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("spell", [str, lambda name: name.replace("-idx", ".idx")])
def test_idx_files_in_either_spelling_packed_or_plain(tmp_path, ending, spell):
    agrees(data.mnist(write_idx(tmp_path, ending, spell)))


@pytest.mark.parametrize("shape", [(-1, 784), (-1, 28, 28)])
def test_an_npz_file_named_or_in_its_folder(tmp_path, shape):
    arrays = {k: v.reshape(shape) if k[0] == "x" else v for k, v in ARRAYS.items()}
    np.savez(tmp_path / "mnist.npz", **arrays)
    agrees(data.mnist(str(tmp_path / "mnist.npz")))
    agrees(data.mnist(tmp_path))


def test_the_cache_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("DESCENT_DATA", str(write_idx(tmp_path / "mine")))
    agrees(data.mnist())
    monkeypatch.delenv("DESCENT_DATA")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    write_idx(tmp_path / "descent")
    agrees(data.mnist())


@pytest.mark.parametrize(
    ("platform", "end"), [("win32", "AppData/Local/descent"), ("darwin", "Library/Caches/descent")]
)
def test_the_cache_lies_where_the_system_keeps_its_caches(monkeypatch, platform, end):
    for name in ("DESCENT_DATA", "LOCALAPPDATA", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", platform)
    assert mnist._folder() == Path.home() / end


def test_without_data_one_sentence_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"data\.mnist\(download=True\) fetches it once"):
        data.mnist(tmp_path / "nowhere")


@pytest.mark.skipif(not os.environ.get("DESCENT_MNIST"), reason="DESCENT_MNIST names no NPZ file")
def test_the_pinned_checksums_are_those_of_the_real_files():
    with np.load(os.environ["DESCENT_MNIST"]) as arrays:
        content = [idx(arrays[key].reshape(*arrays[key].shape[:1], -1).squeeze()) for key in ARRAYS]
    sums = [hashlib.sha256(part).hexdigest() for part in content]
    assert sums == list(mnist.CHECKSUMS.values())


# A download from a server of our own.


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Serve the folder tmp_path/site; return (address, folder)."""
    site = tmp_path / "site"
    site.mkdir()
    handler = functools.partial(Quiet, directory=str(site))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}", site
        running.shutdown()


@pytest.fixture
def pinned(monkeypatch):
    """Pin the checksums of the small set of this file."""
    sums = [hashlib.sha256(idx(array)).hexdigest() for array in ARRAYS.values()]
    monkeypatch.setattr(mnist, "CHECKSUMS", dict(zip(NAMES, sums, strict=True)))


def test_a_download_is_checked_kept_and_not_repeated(server, pinned, tmp_path, capsys):
    address, site = server
    write_idx(site / "mnist")
    cache = tmp_path / "new" / "cache"
    agrees(data.mnist(cache, download=True, mirror=f"{address}/mnist"))
    assert sorted(file.name for file in cache.iterdir()) == sorted(f"{n}.gz" for n in NAMES)
    shown = capsys.readouterr().err
    assert shown.count("[########################]") == 4 and NAMES[0] in shown
    for file in (site / "mnist").iterdir():
        file.unlink()
    agrees(data.mnist(cache, download=True, mirror=address))  # nothing is fetched again
    assert capsys.readouterr().err == ""


def test_a_download_can_be_silent(server, pinned, tmp_path, capsys):
    address, site = server
    write_idx(site)
    agrees(data.mnist(tmp_path / "cache", download=True, mirror=address + "/", progress=False))
    assert capsys.readouterr() == ("", "")


def test_another_file_than_the_pinned_one_is_refused(server, tmp_path):
    address, site = server
    write_idx(site)
    with pytest.raises(ConnectionError, match="its SHA-256 differs"):
        data.mnist(tmp_path / "cache", download=True, mirror=address, progress=False)
    assert not (tmp_path / "cache").exists()


def test_the_next_mirror_is_tried(server, pinned, tmp_path, monkeypatch):
    address, site = server
    write_idx(site / "good")
    (site / "bad").mkdir()
    (site / "bad" / f"{NAMES[0]}.gz").write_bytes(b"\x1f\x8b rubbish")
    monkeypatch.setattr(mnist, "MIRRORS", (f"{address}/bad/", f"{address}/good/"))
    agrees(data.mnist(tmp_path / "cache", download=True, progress=False))


def test_a_broken_connection_is_noticed(pinned, tmp_path, monkeypatch):
    class Broken(Quiet):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"too little")

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Broken) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        mirror = f"http://127.0.0.1:{running.server_address[1]}"
        with pytest.raises(ConnectionError, match=r"10 (of|bytes)"):
            data.mnist(tmp_path, download=True, mirror=mirror, progress=False)
        running.shutdown()
    assert not list(tmp_path.iterdir())


def test_without_a_network_one_sentence_says_what_to_do(tmp_path, monkeypatch):
    def refuse(*args, **options):
        raise OSError("Network is unreachable")

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    with pytest.raises(ConnectionError) as caught:
        data.mnist(tmp_path, download=True)
    text = str(caught.value)
    assert "Network is unreachable" in text and str(tmp_path) in text
    assert "connect to a network and call again, or copy the four files" in text
    assert text.count(". ") == 0 and text.endswith(".") and "\n" not in text


def test_a_folder_that_cannot_be_written_is_no_puzzle(server, pinned, tmp_path):
    address, site = server
    write_idx(site)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="file"):
        data.mnist(tmp_path / "file" / "cache", download=True, mirror=address, progress=False)


# Files that are not what they should be.


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (NAMES[0], b"", "starts with nothing; an IDX file of bytes with 3 axes must start with"),
        (NAMES[0], b"<html>404</html>", "starts with 3c 68 74 6d; an IDX file"),
        (NAMES[1], idx(ARRAYS["x_train"]), "an IDX file of bytes with 1 axis must start with"),
        (NAMES[0], idx(ARRAYS["x_train"])[:-1], r"announces shape \(6, 28, 28\); it must be whole"),
        (NAMES[0], gzip.compress(idx(ARRAYS["x_train"]))[:-9], "is no whole gzip file; fetch it"),
        (NAMES[0], b"\x1f\x8bnonsense", "is no whole gzip file; fetch it"),
        (NAMES[0], idx(ARRAYS["x_test"]), r"2 pictures but labels of shape \(6,\)"),
        (NAMES[1], idx(ARRAYS["y_train"] + 6), "has a label 15; labels must be 0 to 9"),
        (NAMES[2], struct.pack(">IIII", 0x0803, 2, 8, 8) + bytes(128), "28 by 28 a picture"),
    ],
)
def test_a_broken_idx_file_gets_a_sentence(tmp_path, name, content, words):
    write_idx(tmp_path, "")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=words):
        data.mnist(tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"x_test": None}, "lacks an array; it must have all of x_train, y_train, x_test, y_test"),
        ({"x_train": ARRAYS["x_train"][:, :64]}, r"shape \(6, 64\)"),
        ({"x_train": ARRAYS["x_train"] / 255}, "type float64; they must be bytes"),
        ({"x_test": ARRAYS["x_test"][:0]}, r"shape \(0, 784\)"),
        ({"y_test": np.array(["2", "6"])}, "one whole number for each picture"),
        ({"y_test": np.array([-1, 6])}, "labels must be 0 to 9"),
        ({"x_test": np.array([None, 3])}, "cannot be read as NPZ"),
    ],
)
def test_a_broken_npz_file_gets_a_sentence(tmp_path, change, words):
    arrays = {key: value for key, value in (ARRAYS | change).items() if value is not None}
    np.savez(tmp_path / "mnist.npz", **arrays)
    with pytest.raises(ValueError, match=words):
        data.mnist(tmp_path / "mnist.npz")


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 but no archive"])
def test_another_file_is_no_npz(tmp_path, content):
    (tmp_path / "mnist.npz").write_bytes(content)
    with pytest.raises(ValueError, match="cannot be read as NPZ; path must be such a file"):
        data.mnist(tmp_path / "mnist.npz")
