"""Pack the site for reading offline: _build/descent.zip. Unpacked, it opens from any folder."""

import sys
import zipfile

from build_site import build
from settings import ROOT

OUT = ROOT / "_build"
LEFT_OUT = {".buildinfo", ".built", "objects.inv"}  # the build's own


def pack(site, target):
    """Write every file of the site into a zip, the same bytes for the same site."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(path for path in site.rglob("*") if path.is_file()):
            name = file.relative_to(site).as_posix()
            if name in LEFT_OUT or name.startswith("reports/"):
                continue
            entry = zipfile.ZipInfo(f"descent/{name}", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes())


def main():
    if failed := build(ROOT):
        return failed
    target = OUT / "descent.zip"
    pack(OUT / "html", target)
    print(f"Descent: the site is in _build/descent.zip, {target.stat().st_size / 1e6:.1f} MB;")
    print("Descent: unpack it anywhere and open descent/index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
