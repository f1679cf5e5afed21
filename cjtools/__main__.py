"""The command line: new, check, report, verify, export, codebook, claims, review, lab."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from cjtools import __version__
from cjtools.commands.batch import failures, report_all, shortest
from cjtools.commands.check import check_client
from cjtools.commands.claims import draft_for, list_claims
from cjtools.commands.codebook import exchange_codebook
from cjtools.commands.export import export_client
from cjtools.commands.export_map import MAP_FORMATS, export_map
from cjtools.commands.new import new_client
from cjtools.commands.review import review_client
from cjtools.commands.verify import verify as verify_files
from cjtools.errors import CjtoolsError
from cjtools.report.batch import clients_in, once

app = typer.Typer(
    name="cjtools",
    help="Customer journey maps whose every cell opens to its evidence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Folder = Annotated[Path, typer.Argument(help="Folder with client.toml, such as data/acme.", metavar="CLIENT")]


def version(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        print(f"cjtools {__version__}")
        raise typer.Exit


@app.callback()
def root(
    _version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that belong to no command."""


@app.command()
def new(
    client: Annotated[str, typer.Argument(help="Short name, such as acme; or a path such as clients/acme.")],
) -> None:
    """Make a client's folder: a commented client.toml and a place for each kind of file."""
    folder = new_client(client)
    print(f"{folder.as_posix()} is ready. Next: put the files in, name them in client.toml, then")
    print(f"  cjtools check {folder.as_posix()}\n  cjtools report {folder.as_posix()}")


@app.command()
def check(
    client: Folder,
    rejected: Annotated[
        Path | None, typer.Option(help="CSV file to list every row in that is not used.", metavar="FILE.csv")
    ] = None,
) -> None:
    """Read everything and say what was found: sources, periods, coverage, joins. Exit code 1: something is wrong."""
    text, faults = check_client(client, rejected=rejected)
    print(text)
    if faults:
        raise typer.Exit(1)


@app.command()
def report(
    clients: Annotated[list[Path] | None, typer.Argument(help="Folders with client.toml.", metavar="CLIENT…")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every client under data/.")] = False,
    wave: Annotated[str, typer.Option(help="Name of a wave; the current one when left out.")] = "",
    language: Annotated[str, typer.Option(help="ca, en, es, it or ro; the client's own when left out.")] = "",
    audience: Annotated[str, typer.Option(help="team, client or executive; as client.toml says when left out.")] = "",
    notebook: Annotated[
        str, typer.Option(help="A notebook that ships with the kit, such as sources; client.toml's when left out.")
    ] = "",
    out: Annotated[Path | None, typer.Option(help="Folder for the reports; reports/ when left out.")] = None,
    tables: Annotated[str, typer.Option(help="The tables also as xlsx, parquet or both.", metavar="xlsx,parquet")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="Reports made at the same time.")] = 1,
    force: Annotated[bool, typer.Option(help="Make those too that are there and up to date.")] = False,
    memory: Annotated[
        int | None, typer.Option(min=256, help="Megabytes of one report; client.toml's [batch] when left out.")
    ] = None,
    minutes: Annotated[
        int | None, typer.Option(min=1, help="Minutes of one report; client.toml's [batch] when left out.")
    ] = None,
    executor: Annotated[
        str, typer.Option(help="Function that gives a concurrent.futures executor.", metavar="MODULE:NAME")
    ] = "",
) -> None:
    """Make the reports that are missing or out of date. Exit code 1: none could be made; 3: some could not."""
    folders = once([*(clients or []), *(clients_in(Path("data")) if every else [])])
    if not folders:
        raise typer.BadParameter("name a client's folder, or --all")
    outcomes = report_all(
        folders, wave=wave, language=language, audience=audience, notebook=notebook, out=out, jobs=jobs, force=force,
        memory_mb=memory, minutes=minutes, executor=executor, tables=tables,
    )  # fmt: skip
    pages = [outcome.page for outcome in outcomes if outcome.page]
    for page in pages:
        print(shortest(page).as_posix())
    for message in failures(outcomes):
        print(message, file=sys.stderr)
    if len(pages) < len(outcomes):
        raise typer.Exit(3 if pages else 1)


@app.command()
def verify(
    report: Annotated[Path, typer.Argument(help="A page, its manifest, or their folder.", metavar="REPORT")],
    client: Annotated[
        Path | None, typer.Option(help="Folder of the client; data/CLIENT beside reports/ when left out.")
    ] = None,
) -> None:
    """Recompute the hashes of a report, its inputs and the kit. Exit code 1: something differs."""
    text, same = verify_files(report, client=client)
    print(text)
    if not same:
        raise typer.Exit(1)


@app.command()
def export(
    client: Folder,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="The events: ocel (OCEL 2.0 JSON), xes, csv. The map: json, lanes (CSV, one a lane), cjml, mermaid, "
            "qdc (codebook), svg, png, pdf, pptx.",
        ),
    ] = "ocel",
    case: Annotated[str, typer.Option(help="What a trace is: profile, session or order (xes, csv).")] = "profile",
    wave: Annotated[str, typer.Option(help="Name of a wave; the current one when left out.")] = "",
    out: Annotated[Path | None, typer.Option(help="File to write; CLIENT-WAVE and its ending when left out.")] = None,
    key: Annotated[
        Path | None, typer.Option(help="File with the secret that ids are hashed with; the client's own when left out.")
    ] = None,
    also: Annotated[list[str] | None, typer.Option(help="Keep these events too: bot, internal.")] = None,
    language: Annotated[str, typer.Option(help="Of the map: ca, en, es, it or ro; the client's own else.")] = "",
    audience: Annotated[str, typer.Option(help="Of the map: team, client or executive; client else.")] = "",
    chart: Annotated[str, typer.Option(help="One chart of the map (svg, png), such as experience_curve.")] = "",
) -> None:
    """Write the joined events for process-mining tools (ids as pseudonyms), or the map for other tools."""
    if form in MAP_FORMATS:
        print(export_map(client, form=form, wave=wave, language=language, audience=audience, out=out, chart=chart))
        return
    print(export_client(client, form=form, case=case, wave=wave, out=out, key=key, also=also or []))


@app.command()
def codebook(
    client: Folder,
    to: Annotated[Path | None, typer.Option(help="REFI-QDA file to write.", metavar="FILE.qdc")] = None,
    from_: Annotated[
        Path | None, typer.Option("--from", help="REFI-QDA file to make codebook.toml of.", metavar="FILE.qdc")
    ] = None,
    language: Annotated[str, typer.Option(help="Language of the file; the client's own when left out.")] = "",
    force: Annotated[bool, typer.Option(help="Write over the codebook.toml that is there.")] = False,
) -> None:
    """Show the codebook, or exchange it with NVivo, ATLAS.ti, MAXQDA, QualCoder, Taguette (REFI-QDA, .qdc)."""
    print(exchange_codebook(client, to=to, from_=from_, language=language, force=force))


claims = typer.Typer(help="Draft the claims of a client from its evidence, or list them.", no_args_is_help=True)
app.add_typer(claims, name="claims")


@claims.command("draft")
def claims_draft(
    client: Folder,
    wave: Annotated[str, typer.Option(help="Name of a wave; the current one when left out.")] = "",
    top: Annotated[int, typer.Option(min=1, help="Drafts of each stage, persona and lane at most.")] = 3,
    least: Annotated[int, typer.Option(min=1, help="People who say it, at least.")] = 2,
) -> None:
    """Write what most people say into claims.csv as drafts, with their evidence in links.csv."""
    print(draft_for(client, wave=wave, top=top, least=least))


@claims.command("list")
def claims_list(
    client: Folder,
    wave: Annotated[str, typer.Option(help="Name of a wave; the current one when left out.")] = "",
    language: Annotated[str, typer.Option(help="ca, en, es, it or ro; the client's own when left out.")] = "",
) -> None:
    """Show each claim with its people, how sure and how old it is, and the evidence that is no longer there."""
    print(list_claims(client, wave=wave, language=language))


@app.command()
def review(
    client: Folder,
    wave: Annotated[str, typer.Option(help="Name of a wave; the current one when left out.")] = "",
    add: Annotated[
        Path | None, typer.Option(help="A reviewer's file to put below remarks.csv.", metavar="FILE.csv")
    ] = None,
    resolve: Annotated[list[str] | None, typer.Option(help="Id of a remark that is dealt with.", metavar="ID")] = None,
    who: Annotated[str, typer.Option(help="Who resolves it.")] = "",
    note: Annotated[str, typer.Option(help="What was done about it.")] = "",
) -> None:
    """List what reviewers remarked on the map and who signed it off; add their files, mark remarks as resolved."""
    print(review_client(client, wave=wave, add=add, done=resolve or [], who=who, note=note))


@app.command()
def lab(
    folder: Annotated[Path, typer.Argument(help="Folder to open; notebooks/ stands in it.")] = Path(),
) -> None:
    """Open JupyterLab (pip install "cjtools[lab]")."""
    try:
        from jupyterlab.labapp import main as open_lab
    except ImportError:
        print('JupyterLab is not installed: pip install "cjtools[lab]"', file=sys.stderr)
        raise typer.Exit(1) from None
    sys.exit(open_lab([f"--ServerApp.root_dir={folder.resolve()}"]))


def main() -> None:
    """Run the command line; a fault of ours is a message, not a traceback."""
    # A console that cannot write ș must not stop a report.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except CjtoolsError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
