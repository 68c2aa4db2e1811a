"""What the residents' pages show, put together from the city's data in the reader's language."""

from dataclasses import dataclass, field

from backend.cities import City
from backend.web.preferences import Lang


@dataclass(frozen=True)
class KindTile:
    """One of the eight tiles."""

    code: str
    name: str
    hint: str
    icon: str


@dataclass(frozen=True)
class Option:
    """A county or township to choose."""

    code: str
    name: str
    townships: list["Option"] = field(default_factory=list["Option"])


@dataclass(frozen=True)
class ChoiceView:
    """One picture to answer a question with."""

    id: str
    label: str
    icon: str


@dataclass(frozen=True)
class QuestionView:
    """One question asked after the receipt."""

    id: str
    label: str
    choices: list[ChoiceView]


def kind_tiles(city: City, lang: Lang) -> list[KindTile]:
    """Return the tiles in the order of the city's file."""
    return [KindTile(kind.code, kind.name(lang), kind.hint(lang), kind.icon) for kind in city.kinds]


def county_options(city: City, lang: Lang) -> list[Option]:
    """Return the counties with their townships."""
    return [
        Option(
            county.code,
            county.name(lang),
            [Option(township.code, township.name(lang)) for township in county.townships],
        )
        for county in city.counties
    ]


def questions(city: City, kind: str, lang: Lang) -> list[QuestionView]:
    """Return what is asked about a kind of pollution."""
    return [
        QuestionView(
            question.id,
            question.label(lang),
            [ChoiceView(choice.id, choice.label(lang), choice.icon) for choice in question.choices],
        )
        for question in city.kind(kind).questions
    ]
