"""Texts out of logs, made safe to show."""

from __future__ import annotations

import unicodedata

# Control characters move the cursor or change colours, format characters (bidi marks among them) reorder
# what is read, and the two separators break lines: a log could fake what the terminal shows.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str, *, keep: str = "") -> str:
    r"""Write characters that a terminal would act upon as escapes.

    Parameters
    ----------
    text : str
        Any text.
    keep : str
        Characters that stay as they are, such as ``"\n"`` for a text of several lines.

    Returns
    -------
    str
        The same text, with ``ESC`` as ``\x1b`` and so on.

    Examples
    --------
    >>> print(visible("CP\x1b[2J1"))
    CP\x1b[2J1
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if char in keep or unicodedata.category(char) not in _HIDDEN else _escape(char) for char in text
    )


def _escape(char: str) -> str:
    # Python's own escapes, but NUL is \x00 and a line feed \n, so nothing has to be looked up.
    return char.encode("unicode_escape").decode()


def plural(count: int, noun: str) -> str:
    """Give a count with its noun, such as ``1 reject`` or ``1,200 rejects``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def rejected(findings: list[tuple[str, int]]) -> str:
    """Say how many rejects of which reason were found where they are no rows."""
    ordered = sorted(findings, key=lambda found: (-found[1], found[0]))
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in ordered)
    return f"{plural(sum(count for _, count in ordered), 'reject')}: {reasons} (read gives them as rows of rejects)"
