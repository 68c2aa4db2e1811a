"""Puts the web service together: settings, middleware, routers, error handlers; nothing else."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from backend import worker
from backend.accounts import routes as accounts
from backend.accounts.residents import api as residents_api
from backend.accounts.residents import device_pages as residents_device
from backend.accounts.residents import my_pages as residents_own
from backend.accounts.residents import routes as residents
from backend.bureau import activity_lists, attending, duties, moderating, settlements, tickets
from backend.bureau import api as bureau_api
from backend.bureau import coupons as bureau_coupons
from backend.bureau import honours as bureau_honours
from backend.bureau import plan as bureau_plan
from backend.bureau import plan_texts as bureau_plan_texts
from backend.bureau import routes as bureau
from backend.bureau import stations as bureau_stations
from backend.cities import city
from backend.core import logging
from backend.core.config import Environment, Settings, get_settings
from backend.core.db import get_database
from backend.households import api as household_api
from backend.households import member_pages as household_members
from backend.households import routes as household
from backend.media import routes as media
from backend.media import sandbox
from backend.notices import routes as notices
from backend.portal import api as portal_api
from backend.portal import (
    coupons,
    coupons_api,
    drives,
    green,
    green_sites,
    health,
    honours,
    merchant,
    pages,
    plan,
    plan_data,
    plan_preview,
    points,
    points_api,
    quiz,
    report,
    reports,
    stations,
)
from backend.web import errors, metrics, middleware

STATIC = Path(__file__).parent.parent / "static"


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open what every request needs before the first one, so that a wrong setting stops the start."""
    settings: Settings = app.state.settings
    # Here as well as in the command: a further process starts with this application and knows no command.
    logging.configure(settings.log_level)
    city()
    get_database()
    decoders = sandbox.get_pool()
    decoders.warm()
    figures = metrics.serve(settings)
    beside = worker.beside(settings) if settings.inline_worker else contextlib.nullcontext()
    async with beside:
        yield
    decoders.close()
    if figures is not None:
        figures.shutdown()


def create_app() -> FastAPI:
    """Return the web service for the configured settings."""
    settings = get_settings()
    documented = settings.env is not Environment.PRODUCTION
    app = FastAPI(
        title="Green Tianshui",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json" if documented else None,
    )
    app.state.settings = settings
    middleware.install(app, settings)
    errors.install(app)
    # A request is matched with one router after the other: what many phones do at once comes first.
    for router in (
        portal_api.router,
        points_api.router,
        coupons_api.router,
        media.router,
        pages.router,
        report.router,
        reports.router,
        stations.router,
        stations.api,
        green.router,
        green_sites.router,
        quiz.router,
        points.router,
        drives.router,
        honours.router,
        plan_data.router,
        plan_data.api,
        plan.router,
        accounts.router,
        residents.router,
        residents_own.router,
        residents_device.router,
        residents_api.router,
        household.router,
        household_members.router,
        household_api.router,
        notices.router,
        bureau.router,
        bureau_api.router,
        bureau_stations.router,
        attending.router,
        duties.router,
        activity_lists.router,
        moderating.router,
        bureau_honours.router,
        plan_preview.router,
        bureau_plan_texts.router,
        bureau_plan.router,
        bureau_coupons.router,
        settlements.router,
        tickets.router,
        coupons.router,
        merchant.router,
        health.router,
    ):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app
