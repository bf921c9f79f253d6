"""What mkdocs runs: makes a page for each lesson, and the list of them in the navigation."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

from sheetsim.lessons.kit.catalogue import FAMILIES, lesson

DOCS = Path(__file__).parents[1]


def _page() -> Any:
    spec = importlib.util.spec_from_file_location("docs_page", DOCS / "site" / "lesson_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def on_config(config: Any) -> Any:
    """Put the lessons, by family, into the navigation."""
    families = [
        {family: [{name: f"lessons/{name}.md"} for name in names]}
        for family, names in FAMILIES.items()
        if names
    ]
    for entry in config.nav:
        if isinstance(entry, dict) and "Lessons" in entry:
            entry["Lessons"] = families
    return config


def on_files(files: Files, config: Any) -> Files:
    """Replace or add each lesson's page."""
    make, pictures = _page().lesson_page, DOCS / "pictures" / "lessons"
    for names in FAMILIES.values():
        for name in names:
            own = DOCS / "lessons" / f"{name}.md"
            told = own.read_text(encoding="utf-8") if own.exists() else ""
            place = f"lessons/{name}.md"
            there = files.get_file_from_path(place)
            if there is not None:
                files.remove(there)
            files.append(File.generated(config, place, content=make(lesson(name), told, pictures)))
    return files
