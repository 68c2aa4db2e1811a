"""Names every module with tables, so that the migrations and the checks see all of them."""

import importlib

MODULES = (
    "backend.accounts.models",
    "backend.accounts.residents.models",
    "backend.activities.models",
    "backend.audit.models",
    "backend.cases.models",
    "backend.honours.models",
    "backend.households.models",
    "backend.coupons.models",
    "backend.ledger.models",
    "backend.media.models",
    "backend.notices.models",
    "backend.plan.models",
    "backend.reports.models",
    "backend.stations.models",
    "backend.vault.models",
    "backend.web.models",
)


def load() -> None:
    """Import the modules, which puts their tables into the one metadata."""
    for module in MODULES:
        importlib.import_module(module)
