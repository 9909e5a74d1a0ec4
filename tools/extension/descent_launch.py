"""Where a chapter runs without an installation: the addresses behind the launch buttons.

They need the address of a public repository, `repository_url` in `_config.yml`. While it is empty
the pages show no button.
"""

import re
from typing import NamedTuple
from urllib.parse import quote, urlencode

OPTIONS = {
    "repository_url": "",  # https://github.com/OWNER/NAME
    "repository_branch": "main",
    "colab_branch": "colab",  # the notebooks with an install cell, written by tools/colab.py
    "binder_url": "https://mybinder.org",
    "colab_url": "https://colab.research.google.com",
    "jupyterhub_url": "",  # https://hub.example.org; it needs nbgitpuller
}
_REPOSITORY = re.compile(r"https://github\.com/(?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?/?")
_HOST = re.compile(r"https?://[\w.-]+(?::\d+)?(?:/[\w./~-]*)?")


class Launch(NamedTuple):
    """One button."""

    name: str
    address: str


def launches(page, options=None):
    """Return the buttons of one notebook.

    Parameters
    ----------
    page : path of the notebook in the repository, "book/04-walk-downhill.ipynb"
    options : mapping that overrides entries of OPTIONS

    Raises
    ------
    ValueError : an address of another form than the comments in OPTIONS show
    """
    given = OPTIONS | (options or {})
    if not given["repository_url"]:
        return []
    repository = _REPOSITORY.fullmatch(given["repository_url"])
    if repository is None:
        raise ValueError(
            f"repository_url is {given['repository_url']!r}; give https://github.com/OWNER/NAME."
        )
    hosts = {key: given[key].rstrip("/") for key in ("binder_url", "colab_url", "jupyterhub_url")}
    for key, host in hosts.items():
        if host and not _HOST.fullmatch(host):
            raise ValueError(f"{key} is {host!r}; give an address such as https://hub.example.org.")
    owner, name = repository["owner"], repository["name"]
    branch = given["repository_branch"]
    found = []
    if host := hosts["binder_url"]:
        query = urlencode({"urlpath": f"lab/tree/{page}"}, safe="/")
        address = f"{host}/v2/gh/{owner}/{name}/{quote(branch, safe='')}?{query}"
        found.append(Launch("Binder", address))
    if host := hosts["colab_url"]:
        address = f"{host}/github/{owner}/{name}/blob/{quote(given['colab_branch'])}/{quote(page)}"
        found.append(Launch("Colab", address))
    if host := hosts["jupyterhub_url"]:
        query = urlencode(
            {
                "repo": f"https://github.com/{owner}/{name}",
                "branch": branch,
                "urlpath": f"lab/tree/{name}/{page}",
            }
        )
        found.append(Launch("JupyterHub", f"{host}/hub/user-redirect/git-pull?{query}"))
    return found
