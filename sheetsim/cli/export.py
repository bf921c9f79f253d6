"""`sheetsim export`: a lesson as a workbook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from sheetsim.cli.completion import lessons, settings
from sheetsim.cli.output import progress_line, quiet_option
from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.lesson import Lesson, Parameter
from sheetsim.lessons.kit.sources import SOURCES


class ExportCommand(click.Command):
    """Its help ends with every lesson's parameters, taken from the lessons themselves."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from sheetsim.lessons.kit.catalogue import lessons

        formatter.write_paragraph()
        formatter.write_text("The lessons and their parameters (KEY, default, limits):")
        for lesson in lessons():
            with formatter.section(f"{lesson.name}: {lesson.title}"):
                formatter.write_dl([_row(parameter) for parameter in lesson.parameters])


def _row(parameter: Parameter) -> tuple[str, str]:
    default = f"as {parameter.follows}" if parameter.follows else _text(parameter, parameter.default)
    return parameter.name, f"{default}; {parameter.limits}; {parameter.help}"


def source_options(command: Callable[..., int]) -> Callable[..., int]:
    """An option for each source of data that a lesson can have."""
    for source in reversed(SOURCES):
        command = click.option(f"--{source.name}", metavar=source.metavar, help=source.help)(command)
    return command


@click.command("export", cls=ExportCommand)
@click.argument("file", type=click.Path(), required=False)
@click.option(
    "--model",
    metavar="NAME",
    shell_complete=lessons,
    help="The lesson; default: the file's name, so adam.xlsx is adam. all: every lesson in one workbook.",
)
@click.option("--all", "folder", metavar="DIR", help="Write every lesson into a folder, a file each.")
@click.option(
    "--set",
    "assignments",
    metavar="KEY=VALUE",
    shell_complete=settings,
    multiple=True,
    help="Set a parameter; may be given many times.",
)
@click.option("--rows", metavar="N", help="How many points; the same as --set rows=N.")
@click.option(
    "--epochs",
    metavar="N",
    help="How many passes over the points; the same as --set epochs=N. Default: the lesson's, fewer where "
    "that would make more than 100,000 rows.",
)
@click.option("--seed", metavar="N", help="Start of the default data's generator; as --set seed=N.")
@click.option(
    "--filters",
    metavar="NAME",
    help="A convolution's first filters (edges, sobel or random); the same as --set filters=NAME.",
)
@source_options
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@quiet_option
def command(
    file: str | None,
    model: str | None,
    folder: str | None,
    assignments: tuple[str, ...],
    rows: str | None,
    epochs: str | None,
    seed: str | None,
    filters: str | None,
    force: bool,
    quiet: bool,
    **sources: str | None,
) -> int:
    """Make FILE, a workbook (.xlsx) of a lesson: formulas with their values, charts, a page that explains.

    A file that is there already is not overwritten without --force.

    \b
    Examples:
      sheetsim export adam.xlsx
      sheetsim export slow.xlsx --model adam --set lr=0.01 --set beta1=0.95 --epochs 20
      sheetsim export mine.xlsx --model momentum --data points.csv
      sheetsim export course.xlsx --model all
      sheetsim export --all lessons
    """
    from sheetsim.lessons.kit.export import choose, export

    if folder is not None or model == "all":
        own = (rows, epochs, seed, filters, *assignments, *sources.values())
        if (folder is None) == (file is None) or (folder and model) or any(one is not None for one in own):
            raise SheetsimError(
                "every lesson: sheetsim export --all DIR, or sheetsim export FILE --model all; "
                "settings and data are one lesson's"
            )
        return _every(file, folder, force, quiet)
    if file is None:
        raise SheetsimError("name the file to write, like adam.xlsx, or a folder for all lessons (--all DIR)")
    lesson = _lesson(file, model)
    settings = _settings(lesson, assignments)
    for key, value in (("rows", rows), ("epochs", epochs), ("seed", seed), ("filters", filters)):
        if value is not None:
            if settings.setdefault(key, value) != value:
                raise SheetsimError(f"--{key} {value} and --set {key}={settings[key]}: give one of them")
            lesson.parameter(key)
    given = {name: text for name, text in sources.items() if text is not None}
    written = export(lesson, file, settings=settings, sources=given, force=force)
    if not quiet:
        click.echo(f"{written}: {lesson.title}; its first sheet to read is {lesson.name} about")
        for note in choose(lesson, settings, given)[2]:
            click.echo(f"note: {note}")
    return 0


def _every(file: str | None, folder: str | None, force: bool, quiet: bool) -> int:
    """Write all lessons, into one workbook or into a folder."""
    from sheetsim.lessons.kit.course import export_all, export_course

    say = progress_line(quiet)
    try:
        if file is not None:
            written = [export_course(file, force=force, progress=say)]
        else:
            written = export_all(str(folder), force=force, progress=say)
    finally:
        say("")
    if not quiet:
        for path in written:
            click.echo(path)
    return 0


def _lesson(file: str, model: str | None) -> Lesson:
    """The lesson named, else the one that the file is named after."""
    from sheetsim.lessons.kit.catalogue import NAMES, lesson
    from sheetsim.lessons.kit.lesson import nearest

    stem = Path(file).stem
    if model is None and stem not in NAMES:
        raise SheetsimError(f"{file}: no lesson {stem!r}{nearest(stem, NAMES)} (--model NAME chooses one)")
    return lesson(stem if model is None else model)


def _example(lesson: Lesson) -> str:
    """An assignment with a default: of the learning rate, where there is one."""
    parameter = next((one for one in lesson.parameters if one.name == "lr"), lesson.parameters[0])
    return f"{parameter.name}={_text(parameter, parameter.default)}"


def _text(parameter: Parameter, value: float) -> str:
    shown = parameter.shown(value)
    return shown if isinstance(shown, str) else f"{shown:g}"


def _settings(lesson: Lesson, assignments: tuple[str, ...]) -> dict[str, object]:
    """`KEY=VALUE` texts by key; the lesson itself checks keys and values."""
    given: dict[str, object] = {}
    for assignment in assignments:
        key, equals, value = (part.strip() for part in assignment.partition("="))
        if not equals or not key or not value:
            raise SheetsimError(f"--set {assignment}: it reads KEY=VALUE, like {_example(lesson)}")
        if given.setdefault(key, value) != value:
            raise SheetsimError(f"--set {key} is given twice, as {given[key]} and as {value}")
    return given
