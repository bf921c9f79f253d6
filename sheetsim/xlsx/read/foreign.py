"""What a file is when it is no .xlsx: one clause that says so and what to do instead."""

from __future__ import annotations

import io
from pathlib import Path

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def describe_stranger(head: bytes, file: io.BufferedReader, path: str | Path) -> str:
    """`head`: the first 8 bytes of `file`, which are not those of a zip."""
    if not head:
        return "is empty"
    if head == _OLE:
        file.seek(0)
        if _ENCRYPTED in file.read(64 << 20):
            return "is password-protected: open it in Excel, remove the password and save it again"
        return "is a workbook of Excel 97-2003 (.xls): open it in Excel or LibreOffice and save it as .xlsx"
    if head.startswith(b"%PDF"):
        return "is a PDF, not a workbook"
    if head.startswith(b"PK"):
        return "is an empty or split zip file, not a workbook"
    if head.lstrip()[:1] == b"<":
        return "is an XML or HTML text, not a workbook: open it in Excel and save it as .xlsx"
    if b"\0" not in head and Path(path).suffix.lower() in (".csv", ".tsv", ".txt"):
        return "is a text file, not a workbook: open it in Excel and save it as .xlsx"
    return "is not a workbook (an .xlsx is a zip file, this is none)"
