"""The process that jobs are forked from ends with the one that started it, also while it still imports."""

import multiprocessing
import os
from pathlib import Path

import pytest

from orphans import ends, first_line, start

pytestmark = [
    pytest.mark.skipif("forkserver" not in multiprocessing.get_all_start_methods(), reason="there is no fork server"),
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc"),
]

SCRIPT = """
import multiprocessing, sys, threading
from multiprocessing import forkserver
from zen_lightning.launch import child
from zen_lightning.launch.job import Job
child._PRELOADED = (child._PRELOADED[0], "slow_to_import")
if __name__ == "__main__":
    job = Job(0, (), (), sys.argv[1], sys.argv[1])
    threading.Timer(1, lambda: print(forkserver._forkserver._forkserver_pid, flush=True)).start()
    child.Child(job).ended()
"""


def test_it_ends_with_its_starter_while_it_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "slow_to_import.py").write_text(
        f"import os, time\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)"
    )
    script = tmp_path / "main.py"
    script.write_text(SCRIPT)
    starter = start(f"import runpy; runpy.run_path({str(script)!r}, run_name='__main__')", str(tmp_path))
    server = int(first_line(starter))
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert starter.poll() is None
    assert (tmp_path / "pid").read_text() == str(server)
    starter.kill()
    starter.communicate()
    assert ends(server)


def test_importing_it_elsewhere_changes_nothing() -> None:
    done = start("import zen_lightning.launch.fork_server, os; print(os.getpid())")
    out, err = done.communicate(timeout=120)
    assert (done.returncode, err) == (0, "")
    assert out.strip() != str(os.getpid())
