"""Plans that no government wrote, in the house styles of those that do; each with what a reader should find in it."""

import io
from collections.abc import Sequence
from typing import Any, cast

import docx
from docx.oxml import OxmlElement  # pyright: ignore[reportUnknownVariableType] -- half typed
from docx.oxml.ns import qn

CITY = """平川市人民政府关于印发平川市绿色发展实施方案的通知

平政发〔2023〕8号

平川市绿色发展实施方案

为贯彻《省绿色发展方案》（省政发〔2022〕31号），制定本方案。

一、总体要求

到2025年，全市森林覆盖率达到42.5%，单位地区生产总值能耗较2020年下降13.5%，碳排放强度达到省上要求。2020年，全市空气优良天数比例已达到85%。

二、重点任务

（一）做强绿色工业。推广“5G+”工业互联网，建成3个零碳园区。到2025年，工业固体废物综合利用率不低于65%，规模以上工业企业重复用水率提高到94%以上。
（二）发展绿色农业。主要内容如下：
1.推进秸秆利用，到2024年综合利用率达到88%；
（1）建设2-3家收储中心。
2.化肥利用率达到43%以上。

三、保障措施

（三）加强组织领导。各部门按第十二条规定落实，联系电话8213456。
"""

PROVINCE = """高原省生态文明条例实施规划

第一章　总则

第一条　为了建设生态文明，依据有关法律，制定本规划。
第二条　到二〇二五年，以本规划为准。

第二章　目标

第三条　到2030年，单位生产总值二氧化碳排放比2005年下降65%以上，非化石能源消费比重达到百分之二十五左右。
第四条　细颗粒物浓度控制在35微克/立方米以内，重污染天数降低到3天以下。
第五条　用水总量控制在国家下达指标以内。
"""

DECIMAL = """滨海区低碳行动计划（2024—2026年）

1. 发展目标
1.1 能源
到2026年底，光伏装机容量达到120万千瓦，可再生能源电力消纳比重达到35%。
1.2 交通
新能源公交车占比达到90％以上，新建公共充电桩1,500个。
2. 主要任务
2.1 建筑
新建建筑中绿色建筑占比分别不低于80%。
2.2 生活
城市、县城污水处理率和垃圾分类覆盖率分别达到98%、95%和90%。
"""

RESTARTING = """云岭县农村人居环境方案

一、改厕

(一)户厕改造。到 2025 年,卫生厕所普及
率达 85 %以上,新建公厕 20 座。

(二)管护。建立长效机制。

二、治水

(一)污水。到 2025 年,农村生活污水治理率达到
40％,黑臭水体基本消除。

(二)饮水。自来水普及率达 9
0%以上。
"""

NOTICE = """江城市关于限制一次性塑料的通知

第一条　自印发之日起施行。
第二条　到２０２５年，全市快递包装回收率达到８５％以上，一次性餐具消耗量下降３０％。
第三条　“十四五”末，可降解农膜使用面积达到１０万亩。
第四条　按照《固体废物污染环境防治法》第六十九条处罚。
"""

NOT_PLANS = {
    "a letter": "亲爱的王阿姨：\n\n您好！天气冷了，请多保重。2025年再见。\n",
    "a poem": "床前明月光，疑是地上霜。\n举头望明月，低头思故乡。\n",
    "a table": "日期\t数量\n1月\t30%\n2月\t40%\n",
}


def as_docx(paragraphs: Sequence[str], table: Sequence[Sequence[str]] = (), *, numbered: bool = False) -> bytes:
    """Write paragraphs and a table as Word does; with `numbered`, lines that begin with `#` or `##` are counted by Word."""
    document: Any = docx.Document()
    if numbered:
        _define_numbering(document)
    for text in paragraphs:
        level = len(text) - len(text.lstrip("#"))
        paragraph = document.add_paragraph(text.lstrip("#"))
        if level:
            numbering = paragraph._p.get_or_add_pPr()
            numbering.append(
                _element("w:numPr", (_element("w:ilvl", val=str(level - 1)), _element("w:numId", val="77")))
            )
    if table:
        drawn = document.add_table(rows=len(table), cols=len(table[0]))
        for row, cells in zip(drawn.rows, table, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _define_numbering(document: Any) -> None:
    root = document.part.numbering_part.element
    levels = [
        _element(
            "w:lvl",
            (
                _element("w:start", val="1"),
                _element("w:numFmt", val="chineseCounting"),
                _element("w:lvlText", val=text),
            ),
            ilvl=str(level),
        )
        for level, text in enumerate(("%1、", "（%2）"))
    ]
    root.insert(0, _element("w:abstractNum", levels, abstractNumId="77"))
    root.append(_element("w:num", (_element("w:abstractNumId", val="77"),), numId="77"))


def _element(name: str, inside: Sequence[Any] = (), **attributes: str) -> Any:
    element = cast("Any", OxmlElement(name))
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    for one in inside:
        element.append(one)
    return element


WORD = as_docx(
    [
        "山城市“十四五”生态环境保护规划", "#总体目标", "到2025年，空气质量持续改善。", "#重点任务",
        "##治理大气。细颗粒物浓度下降10%。", "##治理水。完善管网。", "#附则", "##本规划自印发之日起施行。", "附表 主要指标",
    ],
    [
        ["序号", "指标", "单位", "2020年", "2025年", "属性"],
        ["1", "森林覆盖率", "%", "38.2", "≥40", "约束性"],
        ["2", "细颗粒物浓度", "微克/立方米", "41", "36", "预期性"],
        ["3", "单位生产总值能耗下降", "%", "—", "13.5", "约束性"],
        ["4", "备注", "", "", "按国家要求", ""],
    ],
    numbered=True,
)  # fmt: skip


def long_plan(pages: int = 60) -> str:
    """Return a plan of `pages` pages of a thousand letters, with an aim on each."""
    sentence = "推动绿色低碳循环发展，健全生产体系、流通体系和消费体系，加快基础设施升级。" * 25
    numerals = "一二三四五六七八九十"
    lines = ["大城市绿色发展总体规划"]
    count = 0
    for part in range(10):
        lines.append(f"{numerals[part]}、第{numerals[part]}类任务")
        for article in range(pages // 10):
            count += 1
            lines.append(
                f"（{numerals[article]}）任务甲。{sentence}到2025年，第{count}项利用率达到{50 + article}%以上。"
            )
    return "\n".join(lines)
