"""The `green` command: everything an operator does from a shell."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
import uvicorn

from backend import demo as demo_city
from backend import worker as job_worker
from backend.accounts import queries as account_queries
from backend.accounts import service as accounts
from backend.activities import duty
from backend.activities import service as activities
from backend.audit import service as audit
from backend.cities import CityDataError, check, city
from backend.core import logging
from backend.core.actor import SYSTEM, Role
from backend.core.config import Environment, Settings, SettingsError, get_settings
from backend.core.db import DatabaseError, database_url, session_scope
from backend.core.errors import Invalid
from backend.ledger import verify as ledger
from backend.media import service as media
from backend.migrations import runner
from backend.places import drawing
from backend.plan.service import founding, importing, verdicts
from backend.web import server

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Green Tianshui, from the shell.")
city_app = typer.Typer(no_args_is_help=True, help="A city's data.")
staff_app = typer.Typer(no_args_is_help=True, help="Accounts of the bureau's staff.")
app.add_typer(city_app, name="city")
app.add_typer(staff_app, name="staff")
plan_app = typer.Typer(no_args_is_help=True, help="The published plan.")
app.add_typer(plan_app, name="plan")
points_app = typer.Typer(no_args_is_help=True, help="The programme of green points.")
app.add_typer(points_app, name="points")


def _start() -> Settings:
    """Read the settings and open the database for this command and the processes it starts."""
    settings = get_settings()
    logging.configure(settings.log_level)
    url = database_url(settings)
    # One process owns the embedded server; those it starts are given its address.
    os.environ["GREEN_DATABASE_URL"] = url.replace("+psycopg", "", 1)
    get_settings.cache_clear()
    return get_settings()


def _bring_up_to_date() -> None:
    runner.upgrade()
    if not get_settings().is_demo:  # the demo city's plan has a past, which its filling tells
        with session_scope() as session:
            founding.found(session, city())


def _leave(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


@app.command()
def serve() -> None:
    """Serve: migrate, fill the demo city where it is one, and answer requests."""
    settings = _start()
    _bring_up_to_date()
    with session_scope() as session:
        if settings.env is Environment.PRODUCTION:
            accounts.refuse_demo_accounts(session)
    if settings.is_demo:
        demo_city.fill(settings)
        typer.echo(
            f"Demo city: http://{settings.host}:{settings.port}/  staff: {settings.data_dir}/demo/credentials.json"
        )
    # uvicorn ends itself by the signal it was sent; ending in an orderly way instead stops the embedded database too.
    signal.signal(signal.SIGTERM, _leave)
    uvicorn.run("backend.main:create_app", factory=True, workers=settings.processes, **server.run_options(settings))


@app.command()
def worker() -> None:
    """Run promised jobs as a process of its own."""
    job_worker.main(_start())


@app.command()
def migrate() -> None:
    """Bring the database to the version of the code."""
    _start()
    _bring_up_to_date()


@app.command()
def demo() -> None:
    """Fill an empty demo city."""
    settings = _start()
    _bring_up_to_date()
    demo_city.fill(settings)


@app.command()
def verify() -> None:
    """Prove the audit chain, the points ledger, the photos' digests and the plan's states; name the first that is bad."""
    _start()
    with session_scope() as session:
        # One moment for every row, whoever writes meanwhile.
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        bad = audit.verify(session) or ledger.first_bad(session) or media.verify(session) or verdicts.first_bad(session)
    if bad:
        typer.echo(bad, err=True)
        raise typer.Exit(1)
    typer.echo("Audit chain, points ledger, evidence digests and states of the plan are sound.")


@city_app.command("check")
def city_check(
    folder: Annotated[Path | None, typer.Argument(help="A city's folder; all cities without it.")] = None,
) -> None:
    """Check a city's data and say what is wrong, with file, line and reason."""
    cities = Path(__file__).parent / "cities"
    folders = [folder] if folder else sorted(one.parent for one in cities.glob("*/city.yaml"))
    problems = [problem for one in folders for problem in check(one)]
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(1)
    typer.echo(f"{len(folders)} checked, nothing wrong.")


@city_app.command("map")
def city_map() -> None:
    """Draw the maps of the configured city anew, after a change of its `places.yaml`."""
    for path in drawing.write_images(city(), Path("static/img")):
        typer.echo(str(path))


@staff_app.command("add")
def staff_add(
    login: str,
    name: Annotated[str, typer.Option(help="As it stands in the history of a case.")],
    role: Role,
    county: Annotated[str | None, typer.Option(help="County code; required for a county officer.")] = None,
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)] = "",
) -> None:
    """Add a member of staff and print the secret for the authenticator once."""
    _start()
    with session_scope() as session:
        _, secret = accounts.add_staff(
            session, login=login, name=name, role=role, county_code=county, password=password
        )
    typer.echo(f"Added {login}. Secret for the authenticator, shown once: {secret}")


@plan_app.command("import")
def plan_import(
    file: Annotated[Path, typer.Argument(help="Plain text or .docx, as governments publish plans.")],
) -> None:
    """Read an official plan: parts, articles and candidate aims, kept for an editor to decide about; nothing is published."""
    _start()
    try:
        content = file.read_bytes()
        with session_scope() as session:
            kept = importing.keep(session, SYSTEM, file.name, content)
            found = kept.reading
            lines = [
                f"{found['title']} · {found['issuer'] or '–'} · {found['issued_on'] or '–'} · SHA-256 {kept.sha256[:16]}…",
                f"{len(found['parts'])} parts, {len(found['articles'])} articles, {len(found['candidates'])} candidates:",
                *(f"  {one['article'] or '–'}\t{one['quote']}" for one in found["candidates"]),
                f"Decide about each on /bureau/plan/texts/{kept.id}",
            ]
    except Invalid as refused:
        typer.echo(refused.text % refused.params, err=True)
        raise typer.Exit(1) from None
    except OSError as unreadable:
        typer.echo(f"{file}: {unreadable.strerror}", err=True)
        raise typer.Exit(1) from None
    typer.echo("\n".join(lines))


@points_app.command("issue")
def points_issue(
    amount: int,
    key: Annotated[str, typer.Option(help="A name for this budget, such as 2027-1: the same again issues nothing.")],
) -> None:
    """Put points into the programme's fund; residents are given no more than that."""
    _start()
    with session_scope() as session:
        receipt = activities.fund(session, city(), SYSTEM, f"budget:{key}", amount)
    typer.echo(f"{receipt.amount} points are in the fund." if receipt.is_new else "This budget was issued before.")


@staff_app.command("attend")
def staff_attend(
    login: str,
    station: Annotated[str, typer.Argument(help="Code of the station.")],
    *,
    off: Annotated[bool, typer.Option("--off", help="Take off duty.")] = False,
) -> None:
    """Put an attendant on duty at a station, or take off."""
    _start()
    with session_scope() as session:
        found = account_queries.credentials_of(session, login)
        if found is None:
            typer.echo("There is no such login.", err=True)
            raise typer.Exit(1)
        verb = duty.take_off_duty if off else duty.put_on_duty
        try:
            verb(session, SYSTEM, found.id, station)
        except Invalid as refused:
            typer.echo(str(refused), err=True)
            raise typer.Exit(1) from None
    typer.echo(f"{login} is {'no longer ' if off else ''}on duty at {station}.")


def main() -> None:
    """Run a command; a start that cannot succeed says what, where and how to mend it, without a stack trace."""
    try:
        app()
    except (SettingsError, DatabaseError, CityDataError, accounts.DemoAccountPresent) as error:
        typer.echo(str(error), err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
