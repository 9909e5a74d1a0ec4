"""Where a chapter runs without an installation: the addresses behind the launch buttons.

They need the address of a public repository, `repository_url` in `_config.yml`. While it is empty
the pages show no button.
"""

import re
from urllib.parse import quote, urlencode

OPTIONS = {
    "repository_url": "",  # https://github.com/OWNER/NAME
    "repository_branch": "main",
    "colab_branch": "colab",  # the notebooks with an install cell, written by tools/colab.py
    "binder_url": "https://mybinder.org",
    "colab_url": "https://colab.research.google.com",
    "jupyterhub_url": "",  # https://hub.example.org; it needs nbgitpuller
}
_REPOSITORY = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?")
_HOST = re.compile(r"https?://[\w.-]+(?::\d+)?(?:/[\w./~-]*)?")


def launches(page, options=None):
    """Return name -> address of each button of one notebook, "book/04-walk-downhill.ipynb".

    `options` overrides entries of OPTIONS; an address of another form is a ValueError.
    """
    given = OPTIONS | (options or {})
    url, branch, colab = (given[f"{key}"] for key in ("repository_url", "repository_branch", "colab_branch"))
    if not url:
        return {}
    if not (repository := _REPOSITORY.fullmatch(url)):
        raise ValueError(f"repository_url is {url!r}; give https://github.com/OWNER/NAME.")
    hosts = {key: given[key].rstrip("/") for key in ("binder_url", "colab_url", "jupyterhub_url")}
    for key, host in hosts.items():
        if host and not _HOST.fullmatch(host):
            raise ValueError(f"{key} is {host!r}; give an address such as https://hub.example.org.")
    owner, name = repository.groups()
    tree = urlencode({"urlpath": f"lab/tree/{page}"}, safe="/")
    pull = {"repo": f"https://github.com/{owner}/{name}", "branch": branch}
    pull = urlencode(pull | {"urlpath": f"lab/tree/{name}/{page}"})
    binder, colab_host, hub = hosts.values()
    buttons = {
        "Binder": binder and f"{binder}/v2/gh/{owner}/{name}/{quote(branch, safe='')}?{tree}",
        "Colab": colab_host
        and f"{colab_host}/github/{owner}/{name}/blob/{quote(colab)}/{quote(page)}",
        "JupyterHub": hub and f"{hub}/hub/user-redirect/git-pull?{pull}",
    }
    return {button: address for button, address in buttons.items() if address}
