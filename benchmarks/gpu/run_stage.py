"""The process of one stage: ``check.py`` starts it, in a session of its own."""

import argparse
import importlib
import traceback
from pathlib import Path

from bench import Bench

from report import Report


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("function")
    parser.add_argument("--device", required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--cores", type=int, required=True)
    options = parser.parse_args()
    report = Report(options.folder / "report.json")
    bench = Bench(options.device, options.quick, options.folder, options.shared, report, options.cores)
    module, _, function = options.function.partition(":")
    try:
        getattr(importlib.import_module(f"stages.{module}"), function)(bench)
    except BaseException:
        traceback.print_exc()
        report.finish(traceback.format_exc()[-1800:])
        raise SystemExit(1) from None
    report.finish()


if __name__ == "__main__":
    main()
