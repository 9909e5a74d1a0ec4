"""The addresses of the buttons that run a chapter elsewhere; none without `repository_url`."""

import re
from urllib.parse import quote

OPTIONS = {
    "repository_url": "",  # https://github.com/OWNER/NAME
    "repository_branch": "main",
    "colab_branch": "colab",  # the notebooks with an install cell, written by tools/colab.py
    "binder_url": "https://mybinder.org",
    "colab_url": "https://colab.research.google.com",
    "jupyterhub_url": "",  # https://hub.example.org; it needs nbgitpuller
}
FORMS = {
    "Binder": "{binder_url}/v2/gh/{owner}/{name}/{repository_branch}?urlpath=lab/tree/{page}",
    "Colab": "{colab_url}/github/{owner}/{name}/blob/{colab_branch}/{page}",
    "JupyterHub": "{jupyterhub_url}/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com"
    "%2F{owner}%2F{name}&branch={repository_branch}&urlpath=lab%2Ftree%2F{name}%2F{page}",
}
REPOSITORY = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?")
HOST = re.compile(r"(?:https?://[\w.-]+(?::\d+)?(?:/[\w./~-]*)?)?")


def launches(page, options=None):
    """Return name -> address of each button of a notebook; raise for one of another form."""
    given = OPTIONS | (options or {})
    if not given["repository_url"]:
        return {}
    if not (repository := REPOSITORY.fullmatch(url := given["repository_url"])):
        raise ValueError(f"repository_url is {url!r}; give https://github.com/OWNER/NAME.")
    owner, name = (quote(part) for part in repository.groups())
    for key in ("binder_url", "colab_url", "jupyterhub_url"):
        if not HOST.fullmatch(given[key]):
            raise ValueError(f"{key} is {given[key]!r}; give an address: https://hub.example.org.")
        given[key] = given[key].rstrip("/")
    given |= {key: quote(given[key], safe="") for key in ("repository_branch", "colab_branch")}
    given |= {"page": quote(page), "owner": owner, "name": name}
    return {b: form.format(**given) for b, form in FORMS.items() if given[f"{b.lower()}_url"]}
