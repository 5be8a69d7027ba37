"""Hook of MkDocs: pages of the site that are files of the repository, and links between what lies in docs/ and what does not.

A file is written for those who read it in the repository: its links lead to other files there. On the site they lead to the
pages that these files became.
"""

import os.path
import re
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "CITATION.cff": "CITATION.cff",
    "LICENSE": "LICENSE.txt",
}
"""Files outside docs/, and what they are on the site."""

_LINK = re.compile(r"(\]\()([^)\s:#]+)((?:#[^)\s]*)?\))")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages."""
    for source, page in PAGES.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Return the text with links that hold on the site."""
    here = page.file.src_uri
    return _LINK.sub(lambda link: link[1] + site_link(link[2], here) + link[3], markdown)


def site_link(target: str, here: str) -> str:
    """Return where a link of the repository leads on the site.

    Args:
        target: a path, relative to the file it stands in.
        here: the page of that file, relative to the root of the site.
    """
    linked = os.path.normpath(PurePosixPath(_in_repository(here)).parent / target)
    if linked in PAGES:
        page = PAGES[linked]
    elif linked.startswith("docs/"):
        page = linked.removeprefix("docs/")
    elif linked.startswith("notebooks/"):
        page = re.sub(r"\.ipynb$", ".md", linked)
    else:
        return target
    return os.path.relpath(page, PurePosixPath(here).parent)


def _in_repository(page: str) -> str:
    """Return the file of the repository that a page is made of."""
    sources = {name: source for source, name in PAGES.items()}
    return sources.get(page) or (page if page.startswith("notebooks/") else f"docs/{page}")
