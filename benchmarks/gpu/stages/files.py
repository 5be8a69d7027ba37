"""What comes of a training on this device: evaluated in half precision, exported, and run again outside the project."""

from pathlib import Path

from bench import Bench


def evaluate_and_export(bench: Bench) -> None:
    """Train, evaluate in float16 (bfloat16 on a CPU), export to both formats, and run the files."""
    mixed = "bf16-mixed" if bench.on_gpu else "32-true"
    bench.command("train", "task=train", *bench.digits(f"trainer.precision={mixed}", epochs=4))
    trained = bench.folder / "train"
    top1, loss = {}, {}
    half = "16-true" if bench.on_gpu else "bf16-true"
    for precision in ("32-true", half):
        with bench.report.attempt(f"evaluate {precision}"):
            arguments = ["task=evaluate", f"arch={trained}", "dataset=digits", f"trainer.precision={precision}"]
            found = bench.command(f"evaluate-{precision}", *arguments, *bench.trainer)
            top1[precision], loss[precision] = found["val_top1"], found["val_loss"]
            bench.report.figure(f"top-1 in {precision}", found["val_top1"])
    with bench.report.attempt("half precision agrees"):
        close = abs(top1["32-true"] - top1[half]) <= 2 and abs(loss["32-true"] - loss[half]) <= 0.05 * loss["32-true"]
        bench.report.check("half precision agrees", close, f"loss {loss}")
    formats = {"onnx": "model.onnx", "torch_export": "model.pt2"}
    for name, file in formats.items():
        with bench.report.attempt(f"export {name}"):
            bench.command(f"export-{name}", "task=export", f"arch={trained}", f"format={name}")
            _compare(bench, name, trained, bench.folder / f"export-{name}" / file)


def _compare(bench: Bench, name: str, trained: Path, file: Path) -> None:
    """Run a file on images, as its user would, and compare its logits with those of the network on this device."""
    import torch

    from zen_lightning.nets import read_weights

    network, metadata = read_weights(trained / "weights.safetensors")
    size = int(metadata["resolution"])
    images_bchw = torch.randn(5, 3, size, size, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.backends.cudnn.allow_tf32 = False  # Exact float32 on both sides.
        wanted = network.eval().to(bench.device)(images_bchw.to(bench.device)).cpu()
    if name == "onnx":
        import onnxruntime

        session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
        found = torch.from_numpy(session.run(None, {session.get_inputs()[0].name: images_bchw.numpy()})[0])
    else:
        with torch.inference_mode():
            found = torch.export.load(str(file)).module()(images_bchw).cpu()
    gap = float((found - wanted).abs().max() / wanted.abs().max())
    bench.report.check(f"{name} gives the logits of the {bench.device}", gap < 1e-3, f"relative gap {gap:.1e}")
