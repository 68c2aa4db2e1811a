"""Chinese numerals up to 999, as plans count their articles and write 百分之八十."""

DIGITS = "零一二三四五六七八九"
NUMERAL = "[〇零一二三四五六七八九十百两]"
_VALUES = {**{digit: value for value, digit in enumerate(DIGITS)}, "〇": 0, "两": 2}
_POWERS = {"十": 10, "百": 100}


def chinese(number: int) -> str:
    """Write 1 to 999: 一, 十二, 二十, 一百零五."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (DIGITS[ones] if ones else "") or DIGITS[0]


def number_in(text: str) -> int | None:
    """Read a numeral, or digits; `None` for anything else."""
    if text.isascii():
        return int(text) if text.isdigit() and len(text) <= 4 else None  # noqa: PLR2004 -- no plan has 10,000 articles
    total, digit = 0, None
    for letter in text:
        if letter in _VALUES:
            digit = _VALUES[letter]
        elif letter in _POWERS:
            total += (1 if digit is None else digit) * _POWERS[letter]
            digit = None
        else:
            return None
    return total + (digit or 0)
