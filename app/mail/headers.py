"""Headers that every mail program reads as they were meant.

Python folds text beyond ASCII so that blanks are lost where two encoded words meet, makes words
longer than RFC 2047 allows, and encodes a long link, which no program takes for one then.
"""

from __future__ import annotations

from email.header import Header
from email.headerregistry import AddressHeader
from email.policy import EmailPolicy

UNSUBSCRIBE = "List-Unsubscribe"
LINE = 75


class _Policy(EmailPolicy):
    """How a mail is written; Python's way but for a few headers."""

    def fold(self, name: str, value: str) -> str:
        """A header as it goes out."""
        if name == UNSUBSCRIBE:
            return f"{name}: {value}{self.linesep}"
        if value.isascii():
            return str(super().fold(name, value))
        if isinstance(value, AddressHeader):
            [one] = value.addresses
            rest = f"{self.linesep} <{one.addr_spec}>"
            return f"{name}: {self._encoded(name, one.display_name)}{rest}{self.linesep}"
        return f"{name}: {self._encoded(name, value)}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        """The same as bytes."""
        return self.fold(name, value).encode("ascii")

    def _encoded(self, name: str, text: str) -> str:
        words = Header(text, "utf-8", maxlinelen=LINE, header_name=name)
        return words.encode(linesep=self.linesep)


POLICY = _Policy()
