"""Make the files of a page of the documentation in a folder, and run its commands there, as a reader would.

    python scripts/run_page.py docs/your_own.md FOLDER COMMAND...

A block of Python or YAML that begins with a comment of one word is the file of that name. Each line of a block of ``sh`` is
a command (a backslash at its end continues it), in which ``zen-lightning`` is the COMMAND. The first command that fails ends
this with its output.
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Make the files of a page, and run its commands."""
    page, folder, program = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    folder.mkdir(parents=True, exist_ok=True)
    for language, content in re.findall(r"```(\w+)\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        name = re.match(r"# (\S+\.(?:py|yaml))\b.*\n", content)
        if language in ("python", "yaml") and name:
            path = folder / name.group(1)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content[name.end() :], encoding="utf-8")
        if language == "sh":
            for command in content.replace("\\\n", " ").splitlines():
                run(re.sub(r"\bzen-lightning\b", shlex.join(program), command, count=1), folder)


def run(command: str, folder: Path) -> None:
    """Run a command of a page in a folder."""
    print(f"$ {command}", flush=True)
    ended = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(f"{ended.stdout}\n{ended.stderr}\nthis command ended with code {ended.returncode}:\n{command}")


if __name__ == "__main__":
    main()
