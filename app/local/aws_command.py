"""A small stand-in for the `aws` command: same words, same answers, for what the tour needs.

It knows every operation of every service, because botocore describes them; of the real command's
ways of writing values only plain words, JSON and `file://`, and no commands of a higher kind, such
as `aws s3 cp`. It runs by itself, so this imports nothing of the application.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import botocore.session
import jmespath
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError
from jmespath.exceptions import JMESPathError

# Services that the command calls by another name than their interface.
NAMES = {"s3api": "s3"}
# Words for the command itself, not for the service.
OWN = ("query", "output", "cli-binary-format")
SCALARS = {"integer": int, "long": int, "float": float, "double": float}
REFUSED = 254


def main(words: list[str]) -> int:
    """Do what the words say, print the answer; the exit code."""
    try:
        service, operation, *rest = words
        plain, options = _read(rest)
        own = {name: options.pop(name)[0] for name in OWN if name in options}
        answer = _ask(NAMES.get(service, service), operation, options, plain)
        _print(answer, own)
    except ClientError as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED
    except (BotoCoreError, JMESPathError, ValueError, KeyError, OSError) as error:
        sys.stderr.write(f"aws: {type(error).__name__}: {error}\n")
        return 2
    return 0


def _read(words: list[str]) -> tuple[list[str], dict[str, list[str]]]:
    """The words before the first option, and the options with theirs; the word after the values of
    the last option cannot be told from them, so a file to write stands first."""
    plain: list[str] = []
    options: dict[str, list[str]] = {}
    values = plain
    for word in words:
        if word.startswith("--"):
            values = options.setdefault(word[2:], [])
        else:
            values.append(word)
    return plain, options


def _ask(service: str, operation: str, options: dict[str, list[str]], plain: list[str]) -> Any:
    client: Any = botocore.session.get_session().create_client(service)
    method = operation.replace("-", "_")
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
    members = model.input_shape.members if model.input_shape else {}
    shapes = {xform_name(name, "-"): (name, shape) for name, shape in members.items()}
    given = {}
    for option, values in options.items():
        known = option if option in shapes else option.removeprefix("no-")
        name, shape = shapes[known]
        given[name] = _value(shape, values, said=option == known)
    answer = getattr(client, method)(**given)
    answer.pop("ResponseMetadata", None)
    return _save_stream(answer, plain)


def _value(shape: Any, values: list[str], *, said: bool) -> Any:
    """What an option says, in the type that the operation wants."""
    if shape.type_name == "boolean":
        return said
    if shape.type_name == "blob" and shape.serialization.get("streaming"):
        return Path(values[0]).read_bytes()
    if not values:
        raise ValueError("a value is missing")
    texts = [_text(value) for value in values]
    if shape.type_name in ("structure", "map") or texts[0].startswith("["):
        return json.loads(texts[0])
    if shape.type_name == "list":
        return [_value(shape.member, [text], said=said) for text in texts]
    return SCALARS.get(shape.type_name, str)(texts[0])


def _text(value: str) -> str:
    if value.startswith("file://"):
        return Path(value.removeprefix("file://")).read_text(encoding="utf-8")
    return value


def _save_stream(answer: dict[str, Any], plain: list[str]) -> dict[str, Any]:
    """Bytes go into the file that was named; the rest is the answer."""
    for name, value in list(answer.items()):
        if hasattr(value, "read"):
            Path(plain[0]).write_bytes(answer.pop(name).read())
    return answer


def _print(answer: Any, own: dict[str, str]) -> None:
    if "query" in own:
        answer = jmespath.search(own["query"], answer)
    if answer in ({}, ""):
        return
    if own.get("output") == "text":
        sys.stdout.write("\n".join(_lines(answer)) + "\n")
        return
    text = json.dumps(answer, indent=4, ensure_ascii=False, default=str)
    sys.stdout.write(f"{text}\n")


def _lines(answer: Any) -> list[str]:
    """Rows of a list of lists, else one row: values parted by tabs."""
    if isinstance(answer, list) and answer and isinstance(answer[0], list):
        return [line for row in answer for line in _lines(row)]
    values = answer if isinstance(answer, list) else [answer]
    return ["\t".join("None" if value is None else str(value) for value in values)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
