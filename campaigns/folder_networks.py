"""Crafted files of networks: pickles as weights and checkpoints, and exported programs."""

import json
import shutil
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from folder_crafted import TINY, TRAIN, Attack, Crafted, Sound, take_checksums
from folder_payloads import PROGRAM_WAYS, Payloads


def pickles(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make checkpoints and weights whose reading would run something, for every key that takes one."""
    content = payloads.pickled(draw(st.integers(0, 7)))
    name = draw(st.sampled_from(["x.pth", "x.pt", "x.ckpt", "x.safetensors", "x.bin", "weights.safetensors"]))
    (theirs / name).write_bytes(content)
    file = f"theirs/{name}"
    shutil.copytree(sound.train, theirs / "run")
    take_checksums(theirs)
    (theirs / "run" / "result.json").unlink()
    for path in (*(theirs / "run" / "checkpoints").iterdir(), theirs / "run" / "weights.safetensors"):
        path.write_bytes(content)
    (theirs / "config.json").write_text(json.dumps({"architecture": "resnet10t", "num_classes": 10}))
    (theirs / "pytorch_model.bin").write_bytes(content)
    (theirs / "model.safetensors").write_bytes(content)
    timm = ["task=distill", f"arch={TINY}", *TRAIN, "teacher=timm", "teacher.image_size=32"]
    commands = [
        ["task=evaluate", f"arch={TINY}", f"weights={file}", "dataset=digits", "trainer=cpu"],
        ["task=evaluate", f"arch={file}", "dataset=digits", "trainer=cpu"],
        ["task=export", f"arch={TINY}", f"weights={file}"],
        ["task=predict", f"arch={file}", f"images={file}"],
        ["task=train", f"arch={TINY}", f"start={file}", f"weights={file}", *TRAIN],
        ["task=distill", f"arch={TINY}", *TRAIN, "teacher=checkpoint", f"teacher.arch={file}"],
        [*timm, "teacher.model=resnet10t", f"teacher.checkpoint={file}"],
        [*timm, "teacher.model=local-dir:theirs"],
        ["task=evaluate", "arch=theirs/run", "dataset=digits", "trainer=cpu"],
        ["resume=theirs/run"],
        ["task=latency", f"arch={file}", "device=cpu"],
        ["task=analyze", f"arch={file}"],
        ["task=compare", f"arch=[{file},theirs/run]"],
    ]
    chosen = draw(st.lists(st.sampled_from(range(len(commands))), min_size=2, max_size=3, unique=True))
    return Attack(f"pickle as {name}", [commands[number] for number in chosen])


def programs(draw: Any, theirs: Path, payloads: Payloads, sound: Sound) -> Attack:
    """Make exported files: programs of PyTorch, ONNX with data elsewhere, OpenVINO."""
    how = draw(st.integers(0, PROGRAM_WAYS + 1))
    if how == PROGRAM_WAYS:
        import onnx

        secret = onnx.helper.make_tensor("w", onnx.TensorProto.FLOAT, [1], [0.0])
        secret.ClearField("float_data")
        secret.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", "../../../../../../etc/hostname"), ("length", "4")):
            secret.external_data.add(key=key, value=value)
        value = onnx.helper.make_tensor_value_info("images", onnx.TensorProto.FLOAT, [1])
        node = onnx.helper.make_node("Evil", ["images", "w"], ["logits"], domain=payloads.shell)
        out = onnx.helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, [1])
        model = onnx.helper.make_model(onnx.helper.make_graph([node], "g", [value], [out], [secret]))
        (theirs / "x.onnx").write_bytes(model.SerializeToString())
        file = "theirs/x.onnx"
    elif how == PROGRAM_WAYS + 1:
        entity = '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
        xml = f'<?xml version="1.0"?>{entity}<net name="&e;" version="11"><layers/></net>'
        (theirs / "x.xml").write_text(xml)
        file = "theirs/x.xml"
    else:
        (theirs / "x.pt2").write_bytes(payloads.program(sound.program.read_bytes(), how))
        file = "theirs/x.pt2"
    (theirs / "x.png").write_bytes(payloads.postscript())
    return Attack(
        f"{file}, way {how}",
        [
            ["task=evaluate", f"arch={file}", "dataset=digits", "trainer=cpu"],
            ["task=predict", f"arch={file}", "images=theirs/x.png", "dataset=digits"],
            ["task=evaluate", f"arch={file}", "dataset=digits", "task=validate"],
        ],
    )


KINDS: dict[str, Crafted] = {
    "pickles as weights and checkpoints": (30, pickles),
    "exported programs": (20, programs),
}
"""By what is crafted."""
