"""Where a workbook's sheets were read from: what `xlsx/edit` may rely on when it writes them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sheetsim.xlsx.read.package import Package


@dataclass(frozen=True, slots=True)
class Origin:
    """scanned: by their names the parts of the sheets of which the scanner has taken every cell, all of them
    plain (no ISO dates, no richer values), each with the checksum of its bytes."""

    scanned: Mapping[str, int]

    def holds(self, package: Package, part: str) -> bool:
        """Whether that part of a package is one of these, and still the same."""
        return part in self.scanned and self.scanned[part] == package.checksum(part)
