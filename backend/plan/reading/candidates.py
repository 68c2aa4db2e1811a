"""Numbers that may be aims: with comparator, value, unit and year, each where it stands. An editor decides about each."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from backend.plan.reading.folding import Block
from backend.plan.reading.numerals import NUMERAL, number_in
from backend.plan.reading.outline import Outline

PLANS_OF_FIVE_YEARS = {"十二": 2015, "十三": 2020, "十四": 2025, "十五": 2030, "十六": 2035}
LONGEST_NAME = 40
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,9}(?:\.\d{1,6})?"
_UNITS = (
    "%|‰|个百分点|百分点|微克/立方米|毫克/升|毫克/立方米|吨标准煤/万元|吨/万元|立方米/万元|千克/公顷|"
    "[万亿]?千瓦时|[万亿]?千瓦|兆瓦|[万亿]?吨标准煤|[万亿]?吨|[万亿]?立方米|[万亿]?平方公里|[万亿]?平方米|公里|千米|"
    "[万亿]?公顷|[万亿]?亩|[万亿]?辆|[万亿]?元|[万亿]?户|[万亿]?人次|[万亿]?人|[万亿]?株|[万亿]?台|[万亿]?套|"
    "个|家|座|处|项|所|条|天|批|只|头|名|倍"
)
_COUNTED = "个|家|座|处|项|所|条|名|台|套|批|辆"
_AT_LEAST = "不低于|不少于|大于|超过|高于|达到|达|提高到|提高至|提升到|提升至|增加到|增加至|增长到|保持在|稳定在|≥|>="
_AT_MOST = "不超过|不高于|不大于|低于|小于|控制在|降低到|降低至|下降到|下降至|降到|降至|减少到|减少至|≤|<="
_FALL, _RISE = "下降|降低|减少|削减|压减|下调", "增长|提高|增加|提升|上升"
_COUNT = "打造|建成|新建|新增|选择|培育|创建|建设|推广|布局|形成|认定|改造|完成|实施|发展|扶持"
_AFTER = "及以上|以上|以内|之内|以下|左右|上下"
_UPPER, _ABOUT = frozenset({"以内", "之内", "以下"}), frozenset({"左右", "上下"})
_BETWEEN = r"-|~|至|到"
_VALUE = rf"(?P<low>{_NUMBER})(?:(?:{_UNITS})?(?:{_BETWEEN})(?P<high>{_NUMBER}))?(?P<unit>{_UNITS})(?!\d)(?P<after>{_AFTER})?"
_LEVEL = re.compile(rf"(?:(?P<least>{_AT_LEAST})|(?P<most>{_AT_MOST}))了?(?:约|近)?{_VALUE}")
_CHANGE = re.compile(rf"(?:(?P<fall>{_FALL})|(?P<rise>{_RISE}))了?(?:约|近|率?达到?|不低于|超过)?{_VALUE}")
_COUNTS = re.compile(rf"(?:{_COUNT})(?:约|近|不少于|至少)?{_VALUE}(?P<what>[^,，。;；、]{{2,{LONGEST_NAME}}})")
_BUILT = re.compile(rf"(?:{_COUNT})了?(?P<what>[^,，。;；、:：\d]{{2,20}}?)(?:约|近|不少于|至少|达到|达)?{_VALUE}")
_BARE = re.compile(
    rf"(?P<name>[^,，。;；、:\d]{{2,{LONGEST_NAME}}}(?:率|比重|占比|比例|覆盖度|浓度))(?:为|在)?{_VALUE}"
)
_EXTERNAL = re.compile(
    r"(?:(?P<reach>达到|完成|符合|满足)|(?P<keep>控制在))(?:省上|省级|省委省政府|省|国家|上级|市上|市级)(?:政府)?"
    r"(?:下达|确定|规定)?的?(?:[\u4e00-\u9fff]{0,4})(?:要求|目标任务|目标|任务|指标|范围)(?:以内|之内)?"
)
_YEAR = re.compile(
    r"(?P<base>较|比|与|以|相比)?(?P<to>到|至|截至|截止|力争)?(?P<year>(?:19|20)\d\d)年(?:度|底|末|前|之前|以前)*(?P<basis>为基[年数期]|相比|的?基础上)?"
)
_FIVE = re.compile(r"“?(?P<base>较|比)?“?(?P<plan>十[二三四五六])五”?(?:规划)?(?P<end>末|期末|时期|期间)")
_PAST = re.compile(r"已经?|目前|截至目前|现有|上年|去年|同比|累计完成|先后")
_LEADING = re.compile(
    r"^(?:到|至|截至|力争|确保|努力|实现|使得?|其中|全面|基本|全市|全省|全县|全区|全国|我市|我省|本市|市域|累计|分别|单独"
    r"|(?:20\d\d年)?[底末前]?)+"
)
_PIECE = re.compile(r"(?:[^,。;!?]|(?<=\d),(?=\d{3}(?!\d)))+[,。;!?]?")
"""Between commas; the comma of 1,500 is none."""
_LABEL = re.compile(
    rf"^(?:第(?:{NUMERAL}+|\d+)[编章节条]|\((?:{NUMERAL}+|\d+)\)|{NUMERAL}+、|\d+(?:\.\d+)*[.、)]|[①-⑳]|-)"
)
_PERCENT = re.compile(rf"百分之({NUMERAL}+)(?:点({NUMERAL}+))?")


@dataclass(frozen=True)
class Candidate:
    """A number that may be an aim."""

    part: int | None
    article: int | None
    name: str
    operator: str
    """As `cities.plan.Operator` writes it."""
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    unit: str
    base_year: int | None
    due: int | None
    due_basis: str
    wording: str
    quote: str
    start: int
    end: int
    is_sure: bool


def candidates_of(text: str, outline: Outline) -> tuple[Candidate, ...]:
    """Return what may be aims in the order of the text."""
    reader = _Reader(text, outline)
    found = [one for unit in outline.units for one in reader.unit(unit.part, unit.article, unit.blocks)]
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class _Clause:
    """A piece between commas, with the year that governs it."""

    block: Block
    start: int
    text: str
    year: int | None
    base: int | None
    is_past: bool


class _Reader:
    def __init__(self, text: str, outline: Outline) -> None:
        self.text = text
        self.issued = outline.issued_on.year if outline.issued_on else None
        self.horizon = self._horizon(block for unit in outline.units for block in unit.blocks)

    def _horizon(self, blocks: Iterable[Block]) -> int | None:
        """Return the first year that is to come: the year of the plan."""
        for block in blocks:
            for match in re.finditer(r"(?:到|至)(20\d\d)年", block.text):
                if self.issued is None or int(match[1]) > self.issued:
                    return int(match[1])
            if (match := _FIVE.search(block.text)) and match["end"] != "期间":
                return PLANS_OF_FIVE_YEARS[match["plan"]]
        return None

    def unit(self, part: int | None, article: int | None, blocks: Sequence[Block]) -> Iterator[Candidate]:
        rows = [block for block in blocks if block.is_row]
        yield from self._table(rows)
        year: int | None = None
        for block in blocks:
            if block.is_row:
                continue
            for clause in self._clauses(block, year):
                year = clause.year
                if not clause.is_past:
                    for one in self._clause(clause):
                        yield replace(one, part=part, article=article)

    # --- sentences ---

    def _clauses(self, block: Block, year: int | None) -> Iterator[_Clause]:
        """Yield the pieces of a block; a year governs what follows it in its sentence, and in a list behind a colon."""
        base: int | None = None
        past = False
        # A paragraph begins anew, a nested line of a list goes on with the year above it.
        year = year if re.match(r"^(?:\(?\d+[).、]|[①-⑳]|-)", block.text) else None
        for piece in _PIECE.finditer(block.text):
            text = piece[0]
            year, base, past = self._years(text, year, base, past=past)
            start = piece.start()
            for part in self._items(text):
                yield _Clause(block, start, part, year, base, past or bool(_PAST.search(part)))
                start += len(part)
            if text[-1] in "。!?":
                year, base, past = None, None, False

    def _years(
        self, text: str, year: int | None, base: int | None, *, past: bool
    ) -> tuple[int | None, int | None, bool]:
        for match in _YEAR.finditer(text):
            number = int(match["year"])
            if match["base"] or match["basis"]:
                base = number
            elif self._is_to_come(number, is_goal=match["to"] is not None):
                year, past = number, False
            else:
                past = True
        for match in _FIVE.finditer(text):
            number = PLANS_OF_FIVE_YEARS[match["plan"]]
            if match["base"]:
                base = number
            elif self._is_to_come(number, is_goal=False):
                year, past = number, False
            else:
                past = True
        return year, base, past

    def _is_to_come(self, year: int, *, is_goal: bool) -> bool:
        if self.issued is not None:
            return year >= self.issued
        return is_goal or (self.horizon is not None and year >= self.horizon)

    def _items(self, text: str) -> list[str]:
        """Cut a list at 、 where each item has its own number; 分别 keeps its items together."""
        if "分别" in text or "、" not in text:
            return [text]
        items: list[str] = []
        rest = ""
        for piece in re.findall(r"[^、]*、?", text):
            rest += piece
            if re.search(r"\d", rest):
                items.append(rest)
                rest = ""
        return [*items, rest] if rest else items

    # --- one piece ---

    def _clause(self, clause: _Clause) -> Iterator[Candidate]:
        """Try the forms in which an aim is written, the most particular first."""
        plain = _PERCENT.sub(_digits, clause.text)
        if "分别" in plain:
            yield from self._each(clause, plain)
            return
        forms = (
            (_EXTERNAL, self._external), (_CHANGE, self._change), (_LEVEL, self._level), (_COUNTS, self._counted),
            (_BUILT, self._built), (_BARE, self._bare),
        )  # fmt: skip
        for pattern, form in forms:
            if match := pattern.search(plain):
                yield from form(clause, plain, match)
                return

    def _external(self, clause: _Clause, plain: str, match: re.Match[str]) -> Iterator[Candidate]:
        if name := _name(plain[: match.start()]):
            yield self._found(clause, name, "external", match[0], "")

    def _level(self, clause: _Clause, plain: str, match: re.Match[str]) -> Iterator[Candidate]:
        after = match["after"] or ""
        word = "…".join(part for part in (match["least"] or match["most"], after) if part)
        operator = "le" if match["most"] or after in _UPPER else "ge"
        if name := _name(plain[: match.start()]):
            yield self._valued(clause, name, operator, match, word, is_sure=after not in _ABOUT)

    def _built(self, clause: _Clause, plain: str, match: re.Match[str]) -> Iterator[Candidate]:
        del plain
        if name := _name(match["what"]):
            yield self._valued(clause, name, "ge", match, match["after"] or "", is_sure=False)

    def _bare(self, clause: _Clause, plain: str, match: re.Match[str]) -> Iterator[Candidate]:
        del plain
        after = match["after"] or ""
        operator = "le" if after in _UPPER else "ge"
        if name := _name(match["name"]):
            yield self._valued(clause, name, operator, match, after, is_sure=bool(after) and after not in _ABOUT)

    def _counted(self, clause: _Clause, plain: str, match: re.Match[str]) -> Iterator[Candidate]:
        del plain
        if not re.fullmatch(_COUNTED, match["unit"]) or match["unit"] == "批":
            return
        name = re.sub(rf"^(?:{_AFTER})", "", match["what"]).strip("的")
        word = "-".join(number for number in (match["low"], match["high"]) if number) + match["unit"]
        yield self._valued(clause, name, "ge", match, word, is_sure=match["high"] is not None)

    def _change(self, clause: _Clause, plain: str, match: re.Match[str]) -> Iterator[Candidate]:
        name = re.sub(r"(?:较|比|与|以)(?:19|20)\d\d年.*$|累计$|年均$|每年$", "", plain[: match.start()])
        name = _name(re.sub(r"(?:累计|年均|每年|平均)$", "", name))
        if not name or match["unit"] not in {"%", "‰", "个百分点", "百分点"}:
            return
        value = _decimal(match["high"] or match["low"])
        if value is None:
            return
        yearly = re.search(r"年均|每年|平均", plain[: match.start()]) is not None
        word = (match["fall"] or match["rise"]) + (match["after"] or "")
        base = clause.base
        yield replace(
            self._found(clause, name, "change", word, match["unit"]),
            value=-value if match["fall"] else value,
            base_year=base,
            is_sure=base is not None and not yearly and match["unit"] == "%" and match["after"] not in _ABOUT,
        )

    def _valued(
        self, clause: _Clause, name: str, operator: str, match: re.Match[str], word: str, *, is_sure: bool
    ) -> Candidate:
        low, high = _decimal(match["low"]), _decimal(match["high"]) if match["high"] else None
        found = self._found(clause, name, operator, word, match["unit"])
        if high is not None and low is not None and low <= high:
            return replace(found, operator="between", low=low, high=high, is_sure=is_sure)
        return replace(found, value=low, is_sure=is_sure and low is not None)

    def _each(self, clause: _Clause, plain: str) -> Iterator[Candidate]:
        """Read “A、B和C分别达到80%、86%和85%”: as many names as values, or nothing."""
        before, _, after = plain.partition("分别")
        names = [_name(one) for one in re.split(r"[、和及与]", before)]
        values = list(re.finditer(_VALUE, after))
        if len(names) != len(values) or not all(names):
            return
        most = re.match(rf"(?:{_AT_MOST})", after) is not None
        last = values[-1]["after"] or ""
        operator = "le" if most or last in _UPPER else "ge"
        for name, value in zip(names, values, strict=True):
            word = re.match(rf"(?:{_AT_MOST}|{_AT_LEAST})", after)
            yield self._valued(
                clause, name, operator, value, (word[0] if word else "") + last, is_sure=name.endswith(_ENDINGS)
            )

    def _found(self, clause: _Clause, name: str, operator: str, word: str, unit: str) -> Candidate:
        block, text = clause.block, clause.text.rstrip(",，。;；、!? ")
        lead = len(text) - len(text.lstrip())
        start, end = block.place(clause.start + lead, clause.start + len(text))
        due = clause.year or self.horizon
        return Candidate(
            part=None,
            article=None,
            name=name,
            operator=operator,
            value=None,
            low=None,
            high=None,
            unit=unit,
            base_year=None,
            due=due,
            due_basis="stated" if clause.year else "inherited" if due else "none",
            wording=word,
            quote=self.text[start:end],
            start=start,
            end=end,
            is_sure=True,
        )

    # --- tables ---

    def _table(self, rows: Sequence[Block]) -> Iterator[Candidate]:
        """Read the rows of a table of indicators; its head says which column is what."""
        head: _Head | None = None
        for row in rows:
            cells = row.text.split("\t")
            head = _head_of(cells) or head
            if head is not None and _head_of(cells) is None and len(cells) > head.goal:
                one = self._row(row, cells, head)
                if one is not None:
                    yield one

    def _row(self, row: Block, cells: Sequence[str], head: "_Head") -> Candidate | None:
        name = re.sub(r"^\d+[.、]?", "", cells[head.name]).strip()
        in_name = re.search(rf"\(({_UNITS})\)$", name)
        unit = cells[head.unit] if head.unit is not None and head.unit < len(cells) else in_name[1] if in_name else ""
        match = re.fullmatch(
            rf"(?P<word>≥|≤|>|<|>=|<=|不低于|不超过|大于|小于|累计|下降|降低|增长|\[)*(?P<number>-?(?:{_NUMBER}))(?P<unit>{_UNITS})?"
            rf"\]?(?P<after>{_AFTER})?",
            cells[head.goal],
        )
        value = _decimal(match["number"]) if match else None
        if not name or match is None or value is None:
            return None
        word, after = match["word"] or "", match["after"] or ""
        goal = row.text.index(cells[head.goal], sum(len(cell) + 1 for cell in cells[: head.goal]))
        start, end = row.places[0], row.places[goal + len(cells[head.goal]) - 1] + 1
        base = _decimal(cells[head.base]) if head.base is not None and head.base < len(cells) else None
        name = re.sub(rf"\((?:{_UNITS})\)$", "", name)
        changes = "降" in word + name[-4:] or "增长" in word
        operator, sure = _operator(word, after, base, value)
        found = Candidate(
            part=None, article=None, name=name, operator=operator, value=value, low=None, high=None,
            unit=match["unit"] or unit, base_year=None, due=head.year or self.horizon,
            due_basis="stated" if head.year else "inherited" if self.horizon else "none", wording=word + after,
            quote=self.text[start:end], start=start, end=end, is_sure=sure,
        )  # fmt: skip
        if changes and (match["unit"] or unit) == "%":
            falls = "降" in word + name
            signed = -abs(value) if falls else abs(value)
            return replace(found, operator="change", value=signed, base_year=head.base_year, is_sure=False)
        return found


@dataclass(frozen=True)
class _Head:
    name: int
    goal: int
    unit: int | None
    base: int | None
    year: int | None
    base_year: int | None


_ENDINGS = ("率", "比重", "占比", "比例", "覆盖度", "量", "面积", "浓度", "强度")


def _head_of(cells: Sequence[str]) -> _Head | None:
    """Return which column is what, if these are the heads of columns."""
    name = next((i for i, cell in enumerate(cells) if "指标" in cell and not re.search(r"\d{4}", cell)), None)
    years = {i: int(match[1]) for i, cell in enumerate(cells) if (match := re.search(r"((?:19|20)\d\d)年?", cell))}
    goal = next((i for i, cell in enumerate(cells) if "目标" in cell), None)
    if name is None or (goal is None and not years):
        return None
    goal = goal if goal is not None else max(years, key=lambda i: years[i])
    before = {i: year for i, year in years.items() if i != goal and (goal not in years or year < years[goal])}
    base = max(before, key=lambda i: before[i]) if before else None
    unit = next((i for i, cell in enumerate(cells) if cell.strip() == "单位"), None)
    return _Head(name, goal, unit, base, years.get(goal), before[base] if base is not None else None)


def _operator(word: str, after: str, base: Decimal | None, value: Decimal) -> tuple[str, bool]:
    if word in {"≤", "<", "<=", "不超过", "小于"} or after in _UPPER:
        return "le", True
    if word in {"≥", ">", ">=", "不低于", "大于"} or after in {"以上", "及以上"}:
        return "ge", True
    return ("le" if base is not None and value < base else "ge"), False


def _name(text: str) -> str:
    """Return what is measured: the words before the comparison, without years and words of encouragement."""
    text = _YEAR.sub("", _FIVE.sub("", text)).strip("“”\"'·:： \t、,，的")
    text = _LABEL.sub("", text).lstrip("、 ")
    text = _LEADING.sub("", text).strip("“”、:： 的")
    # A sentence may come before it: the name is what follows the last word that cannot be in one.
    text = re.split(r"[:：]|使得|确保|力争|实现", text)[-1]
    return text if 2 <= len(text) <= LONGEST_NAME and not re.fullmatch(r"[\d.%]+", text) else ""  # noqa: PLR2004


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None


def _digits(match: re.Match[str]) -> str:
    whole = number_in(match[1])
    fraction = "".join(str(number_in(letter)) for letter in match[2] or "")
    return f"{whole}.{fraction}%" if fraction else f"{whole}%"
