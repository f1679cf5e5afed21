"""Whether reports are still what their manifests say, as text."""

from __future__ import annotations

from pathlib import Path

from cjtools.report.verify import Verified, verify_report


def verify(report: Path, *, client: Path | None) -> tuple[str, bool]:
    """Return what is to be said of a report, and whether nothing differs."""
    found = verify_report(report, client=client)
    return "\n".join(lines_of(one) for one in found), not any(one.faults for one in found)


def lines_of(one: Verified) -> str:
    """Return what was compared, and each difference."""
    count = len(one.faults)
    end = f"{count} difference{'' if count == 1 else 's'}" if count else "nothing differs"
    head = f"{one.manifest.as_posix()}: {one.outputs} outputs, {one.inputs} inputs, {one.packages} packages: {end}"
    return "\n".join([head, *(f"  {fault}" for fault in one.faults)])
