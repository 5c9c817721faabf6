"""What the package is built for: Lambda's Python, processor and C library, not this machine's."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from deploy.stages import Stage

# How wheels name the processors that Lambda offers.
WHEEL_MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
PYTHONS = ("3.11", "3.12", "3.13")


class CannotTarget(Exception):
    """No package can be built here for these stages; the message says why."""


@dataclass(frozen=True)
class Target:
    """A Lambda runtime on a processor."""

    python: str
    architecture: str

    def __str__(self) -> str:
        return f"python{self.python}-{self.architecture}"

    @property
    def platforms(self) -> tuple[str, ...]:
        """The tags of wheels that run there: manylinux2014 and manylinux_2_17 are one standard."""
        machine = WHEEL_MACHINES[self.architecture]
        return (f"manylinux2014_{machine}", f"manylinux_2_17_{machine}")

    @property
    def glibc(self) -> tuple[int, int]:
        """The newest GLIBC symbols there: Amazon Linux 2 up to 3.11, Amazon Linux 2023 since."""
        return (2, 26) if self.python == "3.11" else (2, 34)


def builders_python() -> str:
    """The Python that packages, which is the runtime too: bytecode belongs to one minor version."""
    return ".".join(map(str, sys.version_info[:2]))


def target(stages: list[Stage]) -> Target:
    """What these stages are built for; raises CannotTarget."""
    architectures = {stage.get("architecture", "x86_64") for stage in stages}
    if len(architectures) > 1:
        raise CannotTarget("These stages have different architectures: package them one by one.")
    (architecture,) = architectures
    if architecture not in WHEEL_MACHINES:
        known = " and ".join(WHEEL_MACHINES)
        raise CannotTarget(f"Lambda has no architecture {architecture!r}; it has {known}.")
    if builders_python() not in PYTHONS:
        known = ", ".join(PYTHONS)
        raise CannotTarget(f"This is Python {builders_python()}; Lanyard runs on {known}.")
    return Target(builders_python(), architecture)
