"""MNIST: 70,000 handwritten digits of 28 by 28 pixels, read from files outside the package.

The files are the four of the data's authors in their IDX format, plain or gzipped, or one NPZ
file with the arrays x_train, y_train, x_test and y_test. A download is checked against the pinned
SHA-256 of the uncompressed IDX bytes, so it matters little from which mirror it came.
"""

import gzip
import hashlib
import http.client
import math
import os
import sys
import urllib.request
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from descent import checks

CHECKSUMS = {  # SHA-256 of the uncompressed files
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
SOURCE = "Y. LeCun, C. Cortes, C. J. C. Burges: the MNIST database, CC BY-SA 3.0"

_NPZ_KEYS = "x_train", "y_train", "x_test", "y_test"
_BROKEN = zipfile.BadZipFile, zlib.error
_PATIENCE = 20  # s without a byte before a mirror is given up


class Digits(NamedTuple):
    """Pictures of handwritten digits, one row each."""

    images: np.ndarray  # (n, pixels) row by row, from 0 (paper) to 1 (ink)
    labels: np.ndarray  # (n,) int, the digit that was meant, 0 to 9
    source: str

    @property
    def side(self):
        """Pixels in a row of a picture."""
        return math.isqrt(self.images.shape[1])


class Mnist(NamedTuple):
    """The two parts of MNIST; the writers of the second wrote none of the first."""

    training: Digits  # 60,000
    test: Digits  # 10,000


def mnist(path=None, *, download=False, mirror=None, progress=True):
    """Return the MNIST digits, from a file or a folder, or from the cache.

    Parameters
    ----------
    path : folder with the four IDX files (plain or .gz) or with mnist.npz, or an NPZ file itself;
        None is the cache: the folder named by the environment variable DESCENT_DATA, or else a
        folder `descent` where this system keeps its caches
    download : bool, whether to fetch the four files (11 MB) into that folder if it lacks them
    mirror : address of a folder to fetch them from, instead of the known ones
    progress : bool, whether to draw a bar on the error stream meanwhile

    Returns
    -------
    Mnist(training, test), each with images (n, 784) in [0, 1] and labels (n,)

    Raises
    ------
    FileNotFoundError : there are no data, and how to get them
    ConnectionError : the download did not succeed, and what to do
    ValueError : a file that is not what it should be
    """
    path = _folder() if path is None else _path(path)
    download, progress = checks.flag(download, "download"), checks.flag(progress, "progress")
    mirrors = MIRRORS if mirror is None else (_address(mirror),)
    if path.is_file():
        return _from_npz(path)
    found = {name: _find(path, name) for name in CHECKSUMS}
    if not all(found.values()) and (path / "mnist.npz").is_file():
        return _from_npz(path / "mnist.npz")
    for name in [name for name, file in found.items() if file is None]:
        if not download:
            raise FileNotFoundError(
                f"There is no MNIST in {path}: data.mnist(download=True) fetches it once (11 MB), "
                "or put its four files there, or mnist.npz."
            )
        found[name] = _fetch(name, path, mirrors, progress)
    parts = [_idx(file, axes) for file, axes in zip(found.values(), (3, 1, 3, 1), strict=True)]
    return _record(*parts, path)


def _folder():
    if os.environ.get("DESCENT_DATA"):
        return Path(os.environ["DESCENT_DATA"]).expanduser()
    home = Path.home()
    if sys.platform == "win32":
        caches = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        caches = home / "Library" / "Caches"
    else:
        caches = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return caches / "descent"


def _path(value):
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"path is {value!r:.40}; it must be the name of a file or folder.")
    return Path(value).expanduser()


def _address(value):
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        raise ValueError(
            f"mirror is {value!r:.60}; it must be the address of a folder: https://example.org/."
        )
    return value.rstrip("/") + "/"


def _find(folder, name):
    """Return the file of this name, plain or gzipped, with either spelling; None if none."""
    for spelling in (name, name.replace("-idx", ".idx")):
        for file in (folder / spelling, folder / f"{spelling}.gz"):
            if file.is_file():
                return file
    return None


def _idx(file, axes):
    """Return the array in an IDX file of bytes with so many axes."""
    content = file.read_bytes()
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (EOFError, OSError, zlib.error):
            raise ValueError(f"{file} is no whole gzip file; fetch it again.") from None
    head, magic = 4 + 4 * axes, bytes([0, 0, 8, axes])
    if len(content) < head or content[:4] != magic:
        raise ValueError(
            f"{file} starts with {content[:4].hex(' ') or 'nothing'}; an IDX file of bytes with "
            f"{axes} {'axes' if axes > 1 else 'axis'} must start with {magic.hex(' ')}."
        )
    shape = tuple(int(n) for n in np.frombuffer(content, ">u4", axes, offset=4))
    if len(content) - head != math.prod(shape):
        raise ValueError(
            f"{file} holds {len(content) - head} bytes of data but announces shape {shape}; "
            "it must be whole: fetch it again."
        )
    return np.frombuffer(content, np.uint8, offset=head).reshape(shape)


def _from_npz(file):
    try:
        # opened here, as np.load leaves a file that is no archive open
        with file.open("rb") as content, np.load(content, allow_pickle=False) as arrays:
            parts = [arrays[key] for key in _NPZ_KEYS]
    except KeyError:
        raise ValueError(
            f"{file} lacks an array; it must have all of {', '.join(_NPZ_KEYS)}."
        ) from None
    except (AttributeError, EOFError, OSError, TypeError, ValueError, *_BROKEN):
        raise ValueError(
            f"{file} cannot be read as NPZ; path must be such a file, or the folder of the four "
            "IDX files."
        ) from None
    return _record(*parts, file)


def _record(x_train, y_train, x_test, y_test, where):
    return Mnist(_digits(x_train, y_train, where), _digits(x_test, y_test, where))


def _digits(pixels, labels, where):
    if pixels.shape[1:] == (28, 28):
        pixels = pixels.reshape(-1, 784)
    if pixels.dtype != np.uint8 or pixels.ndim != 2 or pixels.shape[1] != 784 or not len(pixels):
        raise ValueError(
            f"{where} has images of shape {pixels.shape} and type {pixels.dtype}; they must be "
            "bytes, 28 by 28 a picture."
        )
    if labels.dtype.kind not in "ui" or labels.shape != pixels.shape[:1]:
        raise ValueError(
            f"{where} has {len(pixels)} pictures but labels of shape {labels.shape} and type "
            f"{labels.dtype}; there must be one whole number for each picture."
        )
    if labels.min() < 0 or labels.max() > 9:
        raise ValueError(f"{where} has a label {labels.max()}; labels must be 0 to 9.")
    return Digits(pixels / 255.0, labels.astype(int), SOURCE)


def _fetch(name, folder, mirrors, progress):
    """Download one file, check it, and move it into its place in one step."""
    failures = []
    for mirror in mirrors:
        try:
            packed = _read(f"{mirror}{name}.gz", progress)
            content = gzip.decompress(packed)
        except (OSError, EOFError, ValueError, zlib.error, http.client.HTTPException) as error:
            failures.append(f"{mirror}: {error or type(error).__name__}")
            continue
        if hashlib.sha256(content).hexdigest() == CHECKSUMS[name]:
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / f"{name}.gz"
            part = file.with_suffix(f".{os.getpid()}.part")
            part.write_bytes(packed)
            part.replace(file)
            return file
        failures.append(f"{mirror}: what came is not {name}, its SHA-256 differs")
    raise ConnectionError(
        f"{name}.gz could not be downloaded ({'; '.join(failures)}): connect to a network and call "
        f"again, or copy the four files of MNIST, or mnist.npz, into {folder}."
    )


def _read(address, progress):
    """Return the bytes at an address, with a bar while they come."""
    chunks, done = [], 0
    with urllib.request.urlopen(address, timeout=_PATIENCE) as answer:
        size = int(answer.headers.get("Content-Length") or 0)
        while chunk := answer.read(1 << 16):
            chunks.append(chunk)
            done += len(chunk)
            if progress:
                print(_bar(address, done, size), end="", file=sys.stderr, flush=True)
    if progress:
        print(file=sys.stderr)
    if done < size:
        raise OSError(f"the connection broke after {done} of {size} bytes")
    return b"".join(chunks)


def _bar(address, done, size, width=24):
    name, share = address.rsplit("/", 1)[1], min(done / size, 1.0) if size else 0.0
    filled = round(width * share)
    bar = "#" * filled + "-" * (width - filled)
    return f"\r{name:<27} [{bar}] {done / 1e6:5.1f} of {size / 1e6:.1f} MB"
