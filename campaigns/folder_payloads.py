"""What a crafted file holds: attempts to have code run, each of which leaves a mark if it does; nothing in them does more."""

import io
import json
import pickle
import struct
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import torch

MARK = "ZEN_LIGHTNING_WAS_HERE"
PROGRAM_WAYS = 12
"""How many ways there are to change an exported program."""

_OPERATIONS: dict[int, tuple[str, str, Any]] = {
    8: ("torch.ops.aten.from_file.default", "filename", str),
    9: ("torch.ops.aten.chr.default", "i", 47),
    10: ("torch.ops.aten._print.default", "s", str),
    11: ("torch.ops.aten.warn.default", "message", str),
}
"""Operations that PyTorch has beside those of tensors, by the way that adds one: of files, texts and the terminal."""

SECRET = "ZEN_LIGHTNING_CAMPAIGN_SECRET"
"""Name of the environment variable whose value must not be shown."""


class Payloads:
    """Attempts, for one mark.

    Args:
        mark: path of the file that is made where one succeeds.
        victim: a folder that no command is to write to; it has a file ``rc``, and ``folder`` with a ``result.json``.
    """

    def __init__(self, mark: Path, victim: Path) -> None:
        self.mark = mark
        self.victim = victim
        self.shell = f"touch {mark}"
        self.python = f"open({str(mark)!r}, 'w').close()"
        self.expression = f"__import__('os').system('touch {mark}')"

    def module(self) -> str:
        """Return a module that runs as it is imported, and that has names that a configuration may ask for."""
        return (
            f"{self.python}\nfrom zen_lightning.proxy.closed_form import ZenClosedForm\n"
            "class Proxy(ZenClosedForm):\n    pass\nTask = Limit = Recipe = Source = Teacher = Backend = Proxy\n"
        )

    def bare_module(self) -> str:
        """Return a module that runs as it is imported, in place of one of another's, and then fails."""
        return f"{self.python}\nraise ImportError('in the place of another')\n"

    def pickled(self, how: int) -> bytes:
        """Return a pickle whose reading runs something, by one of several ways."""
        calls: list[Any] = [
            (__import__("os").system, (self.shell,)),
            (exec, (self.python,)),
            (eval, (self.expression,)),
            (__import__("subprocess").call, (["touch", str(self.mark)],)),
        ]

        class Attempt:
            def __reduce__(self) -> Any:
                return calls[how % len(calls)]

        if how % 2:
            return pickle.dumps({"state_dict": {"weight": Attempt()}}, protocol=2)
        buffer = io.BytesIO()
        torch.save({"state_dict": Attempt(), "epoch": 1, "global_step": 4, "pytorch-lightning_version": "2.6.6"}, buffer)
        return buffer.getvalue()

    def safetensors(self, metadata: dict[str, str]) -> bytes:
        """Return a file of one tensor, with metadata."""
        head = json.dumps({"__metadata__": metadata, "weight": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
        return struct.pack("<Q", len(head)) + head + struct.pack("<f", 1.0)

    def tar(self, member: str, content: bytes) -> bytes:
        """Return a tar of one sample with a member of that name, also above its folder."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            for name, data in ((f"../{member}", content), (f"one.{member}", content), ("one.cls", b"0"), ("one.jpg", content)):
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
        return buffer.getvalue()

    def postscript(self) -> bytes:
        """Return an image that Pillow would have Ghostscript run."""
        return b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\n" + f"(%pipe%{self.shell}) (w) file\n".encode()

    def program(self, sound: bytes, how: int) -> bytes:
        """Return an exported program after a change that PyTorch would run as it reads it.

        Args:
            sound: a whole ``.pt2`` file.
            how: which of its parts is changed, below :data:`PROGRAM_WAYS`.
        """
        buffer = io.BytesIO()
        attempt = self.pickled(how * 2)
        with zipfile.ZipFile(io.BytesIO(sound)) as before, zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as after:
            root = before.namelist()[0].partition("/")[0]
            for name in before.namelist():
                content = before.read(name)
                if name.endswith("models/model.json"):
                    content = json.dumps(self._changed(json.loads(content), how)).encode()
                elif how == 4 and name.endswith("model_weights_config.json"):
                    config = json.loads(content)
                    for one in config["config"].values():
                        one["use_pickle"] = True
                    content = json.dumps(config).encode()
                elif (how == 4 and "/weights/weight_" in name) or (how == 5 and name.endswith("sample_inputs/model.pt")):
                    content = attempt
                elif how == 6 and name.endswith("model_constants_config.json"):
                    one = {"path_name": "opaque_obj_0", "is_param": False, "use_pickle": True, "tensor_meta": None}
                    content = json.dumps({"config": {"x": one}}).encode()
                after.writestr(name, content)
            if how == 6:
                after.writestr(f"{root}/data/constants/opaque_obj_0", self.pickled(1))
                after.writestr(f"{root}/data/constants/custom_obj_0", self.pickled(1))
            if how == 7:
                after.writestr(f"{root}/data/weights/model.pt", attempt)
        return buffer.getvalue()

    def _changed(self, program: Any, how: int) -> Any:
        graph = program["graph_module"]["graph"]
        if how == 0:
            program["guards_code"] = [self.expression]
        elif how == 1:
            node = graph["nodes"][0]
            node["target"] = "torch.os.system"
            node["inputs"] = [{"name": "command", "arg": {"as_string": self.shell}, "kind": 1}]
        elif how == 2:
            for value in graph["tensor_values"].values():
                for size in value["sizes"]:
                    if "as_expr" in size:
                        size["as_expr"]["expr_str"] = self.expression
        elif how == 3:
            before = graph["nodes"][0]["name"]
            program = json.loads(json.dumps(program).replace(f'"{before}"', json.dumps(f"x = {self.expression}; {before}")))
        elif how in _OPERATIONS:
            target, name, kind = _OPERATIONS[how]
            value = {"as_string": MARK} if kind is str else {"as_int": kind}
            added = {"name": "added", "target": target, "inputs": [{"name": name, "arg": value, "kind": 1}], "outputs": []}
            graph["nodes"].insert(0, {**graph["nodes"][0], **added})
        return program
