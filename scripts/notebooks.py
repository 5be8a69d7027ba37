"""Run the notebooks from top to bottom: `make notebooks`. A cell that fails ends it with the cell and its error.

Without options they run with small settings and the files stay as they are; with ``--store`` they run with full settings, and
outputs and plots are stored in the files.
"""

import argparse
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
_CELL_SECONDS = 900
_KERNEL = ["--log-level=ERROR"]  # Else it warns that it talks to this script in plain text, within this machine.


def main() -> None:
    """Run the notebooks that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("notebooks", nargs="*", type=Path, help="files; by default all of notebooks/")
    parser.add_argument("--store", action="store_true", help="full settings, and keep the outputs")
    options = parser.parse_args()
    os.environ["ZEN_NOTEBOOKS"] = "full" if options.store else "quick"
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # Else the kernel warns about debuggers.
    for path in options.notebooks or sorted(FOLDER.glob("*.ipynb")):
        began = time.monotonic()
        print(f"{path.name} ...", end=" ", flush=True)
        notebook = nbformat.read(path, as_version=4)
        try:
            resources = {"metadata": {"path": str(path.parent)}}
            settings = {"timeout": _CELL_SECONDS, "coalesce_streams": True, "extra_arguments": _KERNEL}
            NotebookClient(notebook, resources=resources, **settings).execute()
        except CellExecutionError as error:
            sys.exit(f"failed\n{error}")
        problems = complaints(notebook)
        if problems:
            sys.exit("failed\n" + "\n".join(problems))
        if options.store:
            nbformat.write(cleaned(notebook), path)
        print(f"{time.monotonic() - began:.0f} s", flush=True)


def complaints(notebook: Any) -> list[str]:
    """Return what was written to stderr: a reader should not meet a warning."""
    return [
        f"cell {number} wrote to stderr: {output.text.strip()[-2000:]}"
        for number, cell in enumerate(notebook.cells)
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == "stderr"
    ]


def cleaned(notebook: Any) -> Any:
    """Return the notebook without what differs from run to run and says nothing: the folder it worked in, times, the Python."""
    workplace = re.compile(rf"{re.escape(tempfile.gettempdir())}/tmp\w+/")
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {}
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                output.text = workplace.sub("", output.text)
    return nbformat.from_dict(notebook)


if __name__ == "__main__":
    main()
