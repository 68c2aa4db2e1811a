"""The residents' pages that only show: home, help, privacy, offline; and the reader's preferences."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from backend.accounts.residents.guards import find_resident
from backend.web.csrf import FormGuard
from backend.web.forms import FormDep
from backend.web.preferences import preferences_of, remember
from backend.web.redirects import own_path
from backend.web.templates import render

router = APIRouter(dependencies=[FormGuard], include_in_schema=False)


@router.get("/", dependencies=[Depends(find_resident)])
def home(request: Request) -> Response:
    """Show the one button and how it goes on from there."""
    return render(request, "home/home.html", tab="home")


@router.get("/help")
def help_page(request: Request) -> Response:
    """Explain how to report, what happens then, and whom to call."""
    return render(request, "pages/help.html", tab="help")


@router.get("/privacy")
def privacy(request: Request) -> Response:
    """Say what is kept, what is not, and who can see it."""
    return render(request, "pages/privacy.html", tab="help")


@router.get("/offline")
def offline(request: Request) -> Response:
    """Say what still works without a connection."""
    return render(request, "pages/offline.html", tab=None)


@router.post("/preferences")
def change_preferences(request: Request, form: FormDep) -> Response:
    """Keep language, text size and theme in a cookie and go back to where the reader was."""
    back = RedirectResponse(own_path(str(form.get("next", ""))), status_code=303)
    remember(back, preferences_of(request).changed(form), secure=request.url.scheme == "https")
    return back
