"""A lesson in Python's hands: exported as a workbook, its model trained on real numbers of ratings.

    lesson("adam").export("adam.xlsx", lr=0.2, epochs=20)
    lesson("bias").fit("u.data", factors=40)

What a lesson is (`lessons/kit/lesson.py`), which its sheet imports, knows no engine; what needs one, to
compute a workbook or to train, stands here, above both.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheetsim.lessons.kit import catalogue
from sheetsim.lessons.kit.lesson import Lesson

if TYPE_CHECKING:
    from sheetsim.solve.fit import Fit


class PublicLesson(Lesson):
    """A lesson of the catalogue with what users do with it."""

    def export(self, path: str | os.PathLike[str], *, force: bool = False, **settings: object) -> Path:
        """Write the lesson's workbook: `lesson("adam").export("adam.xlsx", lr=0.2, epochs=20)`.

        `settings` are values for some of the parameters, and sources of data: `data="points.csv"`,
        `ratings="u.data"`. Returns the path. SheetsimError, one line, when a setting or the data are wrong,
        or the file is there already (and not `force`) or cannot be written; nothing is written then.
        """
        from sheetsim.lessons.kit.export import export

        sources = {key: str(settings.pop(key)) for key in self.sources if settings.get(key) is not None}
        return export(self, path, settings=settings, sources=sources, force=force)

    def fit(self, ratings: Any, **options: Any) -> Fit:
        """Train the lesson's model on ratings of any number: `lesson("bias").fit("u.data", factors=40)`.

        The ratings, the options and what comes back are those of `sheetsim.solve.fit.fit`. SheetsimError, one
        line, for a lesson that has no such model, and for what cannot be used; MissingExtra without torch.
        """
        from sheetsim.solve.fit import fit

        return fit(self.name, ratings, **options)


def lesson(name: str) -> PublicLesson:
    """The lesson of that name. SheetsimError naming the nearest when there is none."""
    return PublicLesson(**vars(catalogue.lesson(name)))
