"""Commands that a task starts."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from hydra.conf import ConfigSourceInfo
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf

from command_line import HydraConfigFor
from zen_lightning.launch import command
from zen_lightning.launch.command import config_folders, run_command


def test_folders_of_configuration_are_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    class Child:
        def __init__(self, words: list[str], **_: Any) -> None:
            started.append(words)

        def wait(self) -> int:
            return 0

    monkeypatch.setattr(command, "subprocess", type("_", (), {**vars(subprocess), "Popen": Child}))
    assert config_folders() == []
    with HydraConfigFor("task=zoo"):
        assert config_folders() == []
        runtime = HydraConfig.get().runtime
        OmegaConf.set_readonly(runtime, False)
        runtime.config_sources.append(ConfigSourceInfo(f"{tmp_path}/my conf", "file", "command-line"))
        assert config_folders() == [f"--config-dir={tmp_path}/my conf"]
        assert run_command(["task=zoo"], tmp_path) == 0
    assert started[0][3:] == [f"--config-dir={tmp_path}/my conf", "task=zoo", f"output_dir={tmp_path}", "resume=auto"]
