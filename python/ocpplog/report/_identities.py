"""Who is named in the report: drivers by pseudonyms, secrets never."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

import polars as pl

from ocpplog._secrets import mask_text

from ._cells import text

if TYPE_CHECKING:
    from collections.abc import Iterable

Identities: TypeAlias = Literal["pseudonym", "raw", "drop"]
# A shorter token is too likely to be a part of something else.
_LENGTH = 6
_LOOKED_AT = 2_000


class Persons:
    """Gives every token a name for this report.

    A pseudonym is the place at which a token first occurs among the transactions. It is computed from nothing
    that is in the token, so it cannot be turned back, and two reports cannot be joined by it.
    """

    def __init__(self, id_tags: Iterable[str | None], identities: Identities) -> None:
        self._identities = identities
        self._names: dict[str, str] = {}
        for tag in id_tags:
            if tag is not None:
                self._names.setdefault(_same(tag), f"token {len(self._names) + 1}")

    @cached_property
    def _found(self) -> re.Pattern[str] | None:
        """One pattern for all tokens, so that a text is looked through once.

        Of many tokens it takes seconds to make, and many logs have no text to look through.
        """
        longest = sorted((name for name in self._names if len(name) >= _LENGTH), key=lambda name: (-len(name), name))
        whole = "|".join(re.escape(name) for name in longest)
        return re.compile(rf"(?<![0-9A-Za-z])(?:{whole})(?![0-9A-Za-z])", re.IGNORECASE) if longest else None

    @property
    def count(self) -> int:
        """How many tokens there are."""
        return len(self._names)

    def token(self, tag: str | None) -> str:
        """Give a token as it may be shown."""
        if self._identities == "raw" or tag is None:
            return text(tag)
        return "" if self._identities == "drop" else self._names[_same(tag)]

    def free_text(self, value: str | None) -> str:
        """Give a text of the log as it may be shown: secrets masked, tokens renamed."""
        if not value:
            return text(value)
        # What lies behind this is not shown, and a log may hold texts of a megabyte.
        masked = mask_text(value[:_LOOKED_AT])
        if self._identities != "raw" and self._found is not None:
            renamed = self._names if self._identities == "pseudonym" else {}
            masked = self._found.sub(lambda found: renamed.get(_same(found[0]), "token"), masked)
        return text(masked)


def tokens(transactions: pl.DataFrame) -> list[str]:
    """Give all tokens, in the order of their first transactions."""
    tags = transactions.select(pl.concat_list("id_tag", "id_tag_stop")).to_series().explode()
    return tags.drop_nulls().unique(maintain_order=True).to_list()


def _same(tag: str) -> str:
    # The same card is written with small and capital letters by different readers.
    return tag.strip().upper()
