"""Hook of MkDocs: nothing that a page shows is loaded from elsewhere. Links that a reader may follow are no matter."""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

_LOADED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\bsrc=["']?(?:https?:)?//([^/"'\s>]+)"""
    r"""|<link\b(?=[^>]*\brel=["']?(?:stylesheet|preconnect|preload|icon|modulepreload))[^>]*?\bhref=["']?(?:https?:)?//([^/"'\s>]+)"""
    r"""|(?:url\(|@import\s+)["']?(?:https?:)?//([^/"')\s]+)"""
)


def on_post_build(config: MkDocsConfig) -> None:
    """Raise an error that names each page that loads from another host, and the host."""
    site = Path(config.site_dir)
    found = [
        f"{path.relative_to(site)} loads from {host}"
        for path in sorted([*site.rglob("*.html"), *site.rglob("*.css")])
        for host in hosts(path.read_text(encoding="utf-8"))
    ]
    if found:
        raise PluginError("the site has to work offline: " + "; ".join(found))


def hosts(text: str) -> list[str]:
    """Return the hosts that a page or a style sheet loads from."""
    return sorted({host for match in _LOADED.findall(text) for host in match if host})
