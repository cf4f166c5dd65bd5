"""`python -m mutation PATH…`: mutation recall of lifetimes and transactions."""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from pathlib import Path

from mutation.measure import Measured, measure
from sqla_lint.catalog import load
from sqla_lint.discover import discover
from sqla_lint.lowering import lower_file
from sqla_lint.project.link import link
from sqla_lint.scopes import Scopes
from sqla_lint.settings import Settings


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="mutation", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--limit", type=int, default=200, help="mutants per file")
    parser.add_argument("--most", type=int, help="mutants in all, spread over the patterns")
    parser.add_argument(
        "--seconds", type=float, default=600, help="of work: report what is there by then"
    )
    parser.add_argument("--misses", action="store_true", help="list what is not found")
    parser.add_argument("--target-version", default="2.0")
    told = parser.parse_args()
    major, minor = (int(part) for part in told.target_version.split("."))
    files = [str(file) for file in discover(told.paths, Scopes(Settings())).files]
    modules = [one.module for one in map(lower_file, files) if one.module is not None]
    project = link(modules, load((major, minor)))
    sources = {module.path: Path(module.path).read_bytes() for module in modules}
    started, done = time.process_time(), []
    for one in measure(project, sources, (major, minor), told.limit, told.most):
        done.append(one)
        if time.process_time() - started > told.seconds:
            print("out of time: not all files are measured")
            break
    report(done, told.misses)


def report(measured: list[Measured], misses: bool) -> None:
    """The shares, per mutation and per mutation and pattern, then what was missed."""
    rows: dict[tuple[str, str], list[Measured]] = defaultdict(list)
    for one in measured:
        rows[one.mutant.mutation, ""].append(one)
        rows[one.mutant.mutation, one.mutant.pattern].append(one)
        rows["all", ""].append(one)
    print(f"{'mutation':15}{'pattern':30}{'mutants':>8}{'default':>10}{'pedantic':>10}")
    for (mutation, pattern), ones in sorted(rows.items()):
        default = sum(1 for one in ones if one.default) / len(ones)
        pedantic = sum(1 for one in ones if one.pedantic) / len(ones)
        print(f"{mutation:15}{pattern:30}{len(ones):8}{default:10.0%}{pedantic:10.0%}")
    if misses:
        for one in measured:
            if not one.default:
                how = "pedantic only " + ",".join(one.pedantic) if one.pedantic else "missed"
                print(
                    f"{how}: {one.path}:{one.mutant.line} {one.function.partition(':')[2]}"
                    f" {one.mutant.mutation} ({one.mutant.pattern})"
                )


if __name__ == "__main__":
    main()
