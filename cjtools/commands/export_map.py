"""The map of a client as a file for other tools."""

from __future__ import annotations

import tempfile
from pathlib import Path

import cjtools as cj
from cjtools.client import OWN_FILES, Client, files_at, load_client
from cjtools.commands.codebook import exchange_codebook
from cjtools.commands.progress import progress_over
from cjtools.commands.text import wrapped
from cjtools.errors import Fault, ParameterError

# Formats of this command that are not drawn from the map alone.
QDC, PDF = "qdc", "pdf"
# The same names as map_files.FORMATS, which loads the charts: the command line must not wait for them.
MAP_FORMATS = ("json", "lanes", "cjml", "mermaid", "svg", "png", "pptx", PDF, QDC)
# What leaves the house is for the client, whoever the report of the client is for.
OUTSIDE = "client"
PICTURES = ("svg", "png")
LOSSY = {
    "cjml": "CJML has no place for statements, quotes and what was measured: they are not in the file.",
    "mermaid": "Mermaid holds a score from 1 to 5 a touchpoint and nothing else of the map: the file is lossy.",
    "json": "Without the items of evidence: --audience team keeps them, for inside the house.",
}


def export_map(
    folder: str | Path, *, form: str, wave: str, language: str, audience: str, out: Path | None, chart: str = ""
) -> str:
    """Write the map of a client in a format, and return what was written and what is not in it.

    `audience` is "client" when left empty. `chart` names one picture (svg, png); without it all go into a folder.
    """
    from cjtools.map_files import FORMATS, Format, map_files
    from cjtools.map_files.pictures import chart_png, chart_svg
    from cjtools.map_files.writing import write_files
    from cjtools.privacy import known_audience

    client = load_client(folder)
    period = client.wave_named(wave)
    if form == QDC:
        target = out or Path(f"{client.client.id}.qdc")
        return exchange_codebook(folder, to=target, from_=None, language=language, force=False)
    audience = known_audience(audience or OUTSIDE)
    if chart and form not in PICTURES:
        raise ParameterError("the map", [Fault("chart", f"{form} is no picture", "svg or png")])
    stem = f"{client.client.id}-{period.name}"
    if form == PDF:
        return export_page(client, wave=wave, language=language, audience=audience, out=out or Path(f"{stem}.pdf"))
    with progress_over(None, what="drawing the map"):
        journey = cj.map_journey(client, wave=wave, language=language, audience=audience)
    shape = Format(f"{chart}.{form}", FORMATS[form].write) if chart else FORMATS[form]
    target = out or Path(f"{stem}{'-' if shape.many else '.'}{shape.ending}")
    if chart:
        files = {"": chart_svg(journey, chart).encode() if form == "svg" else chart_png(journey, chart)}
    else:
        files = map_files(journey, form=form)
    write_files({target / name if name else target: each for name, each in files.items()}, inputs=inputs_of(client))
    count = [f"{len(files)} files"] if shape.many else []
    told = wrapped(LOSSY[form]) if form in LOSSY and not (form == "json" and audience == "team") else []
    return "\n".join([target.as_posix(), *count, *told])


def export_page(client: Client, *, wave: str, language: str, audience: str, out: Path) -> str:
    """Print the page of the map as it is published, and return where it is."""
    from cjtools.map_files.pdf import find_browser, print_page
    from cjtools.map_files.writing import write_files

    find_browser()
    with tempfile.TemporaryDirectory(prefix="cjtools-") as place, progress_over(None, what="making the page"):
        page = cj.report.make_report(client.folder, wave=wave, language=language, audience=audience, out=place)
        printed = print_page(page)
    write_files({out: printed}, inputs=inputs_of(client))
    return out.as_posix()


def inputs_of(client: Client) -> list[Path]:
    """Return the files of a client that an export must not be written over."""
    own = [client.folder / name for name in OWN_FILES]
    return own + [path for source in client.sources for path in files_at(source.path, client.folder)]
