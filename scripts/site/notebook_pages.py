"""Hook of MkDocs: the notebooks as pages, with the outputs that are stored in them."""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from nbconvert import MarkdownExporter

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
_SHELL = "```bash\n%%bash\n"
_WRITTEN = re.compile(r"```python\n%%writefile (\S+)\n")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each notebook, and its plots."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        resources = {"unique_key": path.stem, "output_files_dir": f"{path.stem}_files"}
        text, found = MarkdownExporter().from_filename(str(path), resources=resources)
        files.append(File.generated(config, f"notebooks/{path.stem}.md", content=readable(text)))
        for name, content in found["outputs"].items():
            files.append(File.generated(config, f"notebooks/{name}", content=content))
    return files


def readable(text: str) -> str:
    """Return the page of a notebook with the magic of its cells in words.

    Args:
        text: by nbconvert.
    """
    text = _WRITTEN.sub(lambda found: f'```python title="{found[1]}"\n', text.replace(_SHELL, "```bash\n"))
    return text.replace("![png](", "![plot](")
