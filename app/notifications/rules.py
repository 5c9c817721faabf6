"""What may stand in a mail. Pure."""

from __future__ import annotations

import unicodedata

GREETED_LENGTH = 40
_SIGNS = frozenset(" -'’·.")


def greetable(name: str) -> str:
    """The name as a greeting may use it, or '' where it could be an advert.

    Anybody can have a mail sent to anybody by signing up with their address, so nothing that a
    stranger typed may reach the mail but what can only be a name: letters, blanks and the signs
    that names have, a full stop only at the end of a word.
    """
    if len(name) > GREETED_LENGTH or ". " in name.replace(". ", "", 2):
        return ""
    if any("." in word[:-1] for word in name.split()):
        return ""
    return name if all(_is_of_a_name(sign) for sign in name) else ""


def _is_of_a_name(sign: str) -> bool:
    return sign in _SIGNS or unicodedata.category(sign)[0] in "LM"
