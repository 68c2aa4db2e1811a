"""The plan as data: one object for JSON, plain rows for CSV. The pages, the feed of a year and the files all take it here.

Ids are stable: a key is never given to anything else. An observation's row is the shape in which editors import
values, so that what was exported can be read in again unchanged.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from backend.cities.plan import Indicator
from backend.core.periods import Resolution
from backend.plan.assessment import METHOD, components, count_by_status
from backend.plan.editions import Edition
from backend.plan.models import PlanObservation
from backend.plan.progress import Standing, Standings
from backend.plan.queries import ValueLine
from backend.plan.schemas import Exposure

LICENCE = "CC-BY-4.0"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"
Row = Sequence[str]

OBSERVATIONS_HEADER = ("indicator", "area", "period", "dimension", "value", "status", "source", "quote")
INDICATORS_HEADER = (
    "indicator", "name_zh", "name_en", "definition_zh", "definition_en", "unit_zh", "unit_en", "resolution", "trend",
    "minimum", "maximum", "lag_days", "context", "target", "article", "operator", "target_value", "target_low",
    "target_high", "base_year", "due", "due_basis", "scope", "status", "goal", "latest_period", "latest_value",
    "latest_source", "gap", "pace", "required_per_year", "projected_year", "cagr_ratio", "waiting_for", "days_overdue",
)  # fmt: skip
SDMX_HEADER = (
    "STRUCTURE", "STRUCTURE_ID", "ACTION", "FREQ", "REF_AREA", "INDICATOR", "BREAKDOWN", "TIME_PERIOD", "OBS_VALUE",
    "OBS_STATUS", "UNIT_MEASURE", "DECIMALS", "SOURCE", "COMMENT_OBS",
)  # fmt: skip
FREQUENCY: Mapping[Resolution, str] = {
    Resolution.YEAR: "A",
    Resolution.HALF: "S",
    Resolution.QUARTER: "Q",
    Resolution.MONTH: "M",
}


def plan_as_json(plan: Edition, stands: Standings, today: date) -> dict[str, Any]:
    """Return everything that is public of the plan, with every target's result, its inputs and its steps.

    Of a past edition as well, only those exposures are shown that may be shown `today`.
    """
    results = {one.target.key: one for one in stands.values() if one.target is not None}
    counts = count_by_status(one.result for one in results.values() if one.result is not None)
    return {
        "edition": plan.number,
        "published_at": plan.published_at.isoformat(timespec="seconds"),
        "licence": LICENCE,
        "method": METHOD,
        "counts": {status.value: number for status, number in sorted(counts.items())},
        "plan": plain(plan.plan),
        "parts": [plain(one) for one in plan.parts.values()],
        "articles": [plain(one) for one in plan.articles.values()],
        "indicators": [plain(one) for one in plan.indicators.values()],
        "targets": [{**plain(one), "assessment": _assessment(results.get(key))} for key, one in plan.targets.items()],
        "commitments": [{**plain(one), **said_of(plan, key)} for key, one in plan.commitments.items()],
        "baselines": [plain(one) for one in plan.baselines.values()],
        "sources": [plain(one) for one in plan.sources.values()],
        "exposures": [{"key": key, **plain(one)} for key, one in exposures(plan, today)],
        "examples": [{"key": key, **plain(one)} for key, one in plan.examples.items()],
        "news": [{"key": key, **plain(one)} for key, one in plan.news.items()],
    }


def exposures(plan: Edition, today: date) -> list[tuple[str, Exposure]]:
    """Return the decisions that may still be shown on `today`, the newest first."""
    fresh = [(key, one) for key, one in plan.exposures.items() if today <= one.until]
    return sorted(fresh, key=lambda pair: (pair[1].decided_on, pair[0]), reverse=True)


def plain(entry: BaseModel) -> dict[str, Any]:
    """Return an entry as JSON values; numbers with decimals are texts, so that nothing is rounded on the way."""
    return entry.model_dump(mode="json")


def said_of(plan: Edition, key: str) -> dict[str, Any]:
    """Return what a body says of a commitment or target, what was found, and what the body answers."""
    kept = {"claim": plan.claims.get(key), "finding": plan.findings.get(key), "reply": plan.replies.get(key)}
    return {name: None if entry is None else plain(entry) for name, entry in kept.items()}


def indicator_as_json(plan: Edition, one: Standing, vintages: Iterable[PlanObservation]) -> dict[str, Any]:
    """Return one indicator with every value that was ever public, newest publication first."""
    key = one.indicator.key
    said = said_of(plan, one.target.key) if one.target else {}
    return {
        "edition": plan.number,
        "licence": LICENCE,
        "indicator": plain(one.indicator),
        "target": plain(one.target) if one.target else None,
        "assessment": _assessment(one),
        **said,
        "vintages": [
            {
                **dict(zip(OBSERVATIONS_HEADER, observation_row(value), strict=True)),
                "valid_from": value.valid_from.isoformat(timespec="seconds") if value.valid_from else None,
                "valid_to": value.valid_to.isoformat(timespec="seconds") if value.valid_to else None,
            }
            for value in vintages
        ],
        "sources": {
            name: plain(source) for name, source in plan.sources.items() if any(v.source == name for v in one.figures)
        },
        "self": f"/plan/indicators/{key}",
    }


def article_as_json(plan: Edition, number: int, stands: Standings) -> dict[str, Any]:
    """Return one article with its aims and promises."""
    targets = [one for one in stands.values() if one.target is not None and one.target.article == number]
    return {
        "edition": plan.number,
        "licence": LICENCE,
        "article": plain(plan.article(number)),
        "targets": [{**plain(one.target), "assessment": _assessment(one)} for one in targets if one.target],
        "commitments": [
            {**plain(one), **said_of(plan, key)} for key, one in plan.commitments.items() if one.article == number
        ],
        "self": f"/plan/articles/{number}",
    }


def _assessment(one: Standing | None) -> dict[str, Any] | None:
    if one is None or one.inputs is None or one.result is None:
        return None
    return components(one.inputs, one.result)


def observation_row(one: PlanObservation | ValueLine) -> Row:
    """Return an observation as a line of `observations.csv`."""
    value = "" if one.value is None else number(one.value)
    return one.indicator, one.area, one.period, one.dimension, value, one.status.value, one.source, one.quote


def number(value: Decimal) -> str:
    """Write a number without an exponent and without zeros at its end."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def indicator_rows(stands: Standings) -> Iterator[Row]:
    """Yield the lines of `indicators.csv`."""
    for one in stands.values():
        yield [_cell(value) for value in (*_of_indicator(one.indicator), *_of_target(one), *_of_result(one))]


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return number(value)
        case _:
            return str(value)


def _of_indicator(one: Indicator) -> Sequence[object]:
    return (
        one.key, one.name.zh, one.name.en, one.definition.zh, one.definition.en, one.unit.zh, one.unit.en,
        one.resolution.value, one.trend.value, one.minimum, one.maximum, one.lag_days, one.is_context,
    )  # fmt: skip


def _of_target(standing: Standing) -> Sequence[object]:
    one = standing.target
    if one is None:
        return [None] * 10
    return (
        one.key, one.article, one.operator.value, one.value, one.low, one.high, one.base_year, one.due,
        one.due_basis.value, one.scope.value,
    )  # fmt: skip


def _of_result(standing: Standing) -> Sequence[object]:
    latest, result = standing.latest, standing.result
    newest = (latest.period, latest.value, latest.source) if latest else (None, None, None)
    if result is None:
        return (None, None, *newest, *[None] * 7)
    return (
        result.status.value, result.goal, *newest, result.gap, result.pace, result.required, result.projected_year,
        result.cagr_ratio, result.waiting_for, result.days_overdue,
    )  # fmt: skip


def sdmx_row(one: ValueLine, indicator: Indicator, dataflow: str) -> Row:
    """Return an observation as a line of SDMX-CSV 2.0 (https://github.com/sdmx-twg/sdmx-csv)."""
    return (
        "dataflow", dataflow, "I", FREQUENCY[indicator.resolution], one.area, one.indicator, one.dimension or "_T",
        one.period, "" if one.value is None else number(one.value), one.status.value, indicator.unit.en,
        str(indicator.decimals), one.source, one.quote,
    )  # fmt: skip


def metadata_of_indicators(url: str) -> dict[str, Any]:
    """Return what CSV on the Web says of `indicators.csv` (https://www.w3.org/TR/tabular-metadata/)."""
    numbers = {"minimum", "maximum", "target_value", "target_low", "target_high", "goal", "latest_value", "gap", "pace",
               "required_per_year", "cagr_ratio"}  # fmt: skip
    whole = {"lag_days", "article", "base_year", "due", "projected_year", "days_overdue"}
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": url,
        "dc:license": {"@id": LICENCE_URL},
        "dialect": {"header": True, "encoding": "utf-8"},
        "tableSchema": {
            "primaryKey": "indicator",
            "columns": [
                {
                    "name": name,
                    "titles": name,
                    "datatype": "decimal" if name in numbers else "integer" if name in whole else "string",
                }
                for name in INDICATORS_HEADER
            ],
        },
    }
