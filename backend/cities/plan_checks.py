"""Checks of `plan.yaml`: keys that meet twice, names that lead nowhere, figures that no indicator allows."""

from collections.abc import Collection, Iterable, Iterator

from backend.cities.files import Loaded, Where
from backend.cities.plan import Figure, Indicator, PlanFile
from backend.core.periods import Period

Problems = Iterator[str]


def problems_of_plan(file: Loaded[PlanFile], kinds: Collection[str], areas: Collection[str]) -> Problems:
    """Yield every problem of the plan; `kinds` of report and `areas` are those of the city's other files."""
    yield from _keys(file)
    yield from _names(file, kinds, areas)
    yield from _figures(file, areas)
    yield from _baselines(file)


def _keys(file: Loaded[PlanFile]) -> Problems:
    plan = file.content
    lists: tuple[tuple[str, str, Iterable[object]], ...] = (
        ("parts", "number", (part.number for part in plan.parts)),
        ("articles", "number", (article.number for article in plan.articles)),
        ("indicators", "key", (indicator.key for indicator in plan.indicators)),
        # A target and a commitment are named by the same word in an address.
        ("targets", "key", (target.key for target in plan.targets)),
        ("targets", "indicator", (target.indicator for target in plan.targets)),
        ("commitments", "key", (one.key for one in plan.commitments)),
        ("sources", "key", (source.key for source in plan.sources)),
        ("baselines", "target", ((one.target, one.area) for one in plan.baselines)),
        ("figures", "period", ((one.indicator, one.area, one.period) for one in plan.figures)),
    )
    for prefix, field, names in lists:
        seen: set[object] = set()
        for index, name in enumerate(names):
            if name in seen:
                yield file.problem((prefix, index, field), f"{name} is there a second time")
            seen.add(name)
    targets = {target.key for target in plan.targets}
    for index, one in enumerate(plan.commitments):
        if one.key in targets:
            yield file.problem(("commitments", index, "key"), f"{one.key} is the key of a target already")


def _names(file: Loaded[PlanFile], kinds: Collection[str], areas: Collection[str]) -> Problems:
    yield from _of_articles(file, kinds)
    yield from _places_in_the_text(file)
    plan = file.content
    indicators = {indicator.key for indicator in plan.indicators if not indicator.is_context}
    for index, target in enumerate(plan.targets):
        if target.indicator not in indicators:
            yield file.problem(("targets", index, "indicator"), f"{target.indicator} is no indicator with a target")
    for index, one in enumerate(plan.commitments):
        for number, place in enumerate(one.places):
            if place not in areas:
                yield file.problem(("commitments", index, "places", number), f"there is no county {place}")


def _of_articles(file: Loaded[PlanFile], kinds: Collection[str]) -> Problems:
    parts = {part.number for part in file.content.parts}
    for index, article in enumerate(file.content.articles):
        if article.part not in parts:
            yield file.problem(("articles", index, "part"), f"there is no part {article.part}")
        for number, kind in enumerate(article.report_kinds):
            if kind not in kinds:
                yield file.problem(("articles", index, "report_kinds", number), f"there is no kind {kind}")


def _places_in_the_text(file: Loaded[PlanFile]) -> Problems:
    plan = file.content
    parts, part_of = {part.number for part in plan.parts}, {one.number: one.part for one in plan.articles}
    for prefix, entries in (("targets", plan.targets), ("commitments", plan.commitments)):
        for index, entry in enumerate(entries):
            there = entry.part in parts if entry.article is None else part_of.get(entry.article) == entry.part
            if not there:
                yield file.problem((prefix, index, "article"), f"part {entry.part} has no article {entry.article}")


def _figures(file: Loaded[PlanFile], areas: Collection[str]) -> Problems:
    plan = file.content
    indicators = {indicator.key: indicator for indicator in plan.indicators}
    sources = {source.key for source in plan.sources}
    for index, figure in enumerate(plan.figures):
        here = ("figures", index)
        if figure.area not in areas:
            yield file.problem((*here, "area"), f"there is no city or county {figure.area}")
        if figure.source not in sources:
            yield file.problem((*here, "source"), f"there is no source {figure.source}")
        if figure.indicator in indicators:
            yield from _value(file, here, figure, indicators[figure.indicator])
        else:
            yield file.problem((*here, "indicator"), f"there is no indicator {figure.indicator}")


def _value(file: Loaded[PlanFile], here: Where, figure: Figure, indicator: Indicator) -> Problems:
    if not indicator.allows(figure.value):
        yield file.problem((*here, "value"), f"lies outside the limits of {indicator.key}")
    if Period.read(figure.period).resolution is not indicator.resolution:
        yield file.problem((*here, "period"), f"{indicator.key} is measured by {indicator.resolution}")


def _baselines(file: Loaded[PlanFile]) -> Problems:
    plan = file.content
    targets = {target.key: target for target in plan.targets}
    known = {(one.indicator, one.area, one.period) for one in plan.figures if one.value is not None}
    for index, baseline in enumerate(plan.baselines):
        target = targets.get(baseline.target)
        if target is None:
            yield file.problem(("baselines", index, "target"), f"there is no target {baseline.target}")
        elif (target.indicator, baseline.area, baseline.period) not in known:
            yield file.problem(("baselines", index), "no figure of this file stands there")
