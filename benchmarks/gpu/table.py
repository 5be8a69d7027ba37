"""The table at the end: a line for a stage, short enough for the tail of a log."""

from typing import Any


def table(content: dict[str, Any], names: list[str]) -> str:
    """Return the text: each stage with its status and its figures, then what failed."""
    lines = [
        "",
        f"{content['preflight'].get('line', '')}; commit {content['commit']}; {content.get('seconds', 0):.0f} s in all",
    ]
    failures = []
    for name in names:
        result = content["stages"].get(name)
        if result is None:
            lines.append(f"{name:11} not reached")
            continue
        checks = result["checks"]
        passed = f"{sum(check['ok'] for check in checks)}/{len(checks)}" if checks else ""
        line = f"{name:11} {result['status']:8} {result['seconds']:5.0f} s  {passed:6} {_figures(result['figures'])}"
        lines.append(line.rstrip())
        failures += [f"  {name}: {check['name']}: {check['detail'][:200]}" for check in checks if not check["ok"]]
        if result.get("error"):
            failures.append(f"  {name}: {str(result['error']).strip().splitlines()[-1][:200]}")
    if failures:
        lines += ["failures:", *failures]
    return "\n".join(lines)


def _figures(figures: dict[str, Any]) -> str:
    """Return the figures that fit: plain ones in full, tables of them by their number."""
    shown = []
    for name, value in figures.items():
        if isinstance(value, dict | list):
            shown.append(f"{name}: {len(value)} rows")
        elif isinstance(value, float):
            shown.append(f"{name} {value:.4g}")
        else:
            shown.append(f"{name} {value}")
    return "; ".join(shown)[:240]
