from __future__ import annotations

import itertools
import random
import re
import secrets

import pytest

from app.core import ids

EXAMPLES = [1, 2, 31, 32, 2**34, 2**35 - 1, *random.Random(35).sample(range(1, 2**35), 60)]


def test_ids_are_35_bits_and_never_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "randbelow", lambda limit: limit - 1)
    assert ids.new_registration_id() == 2**35 - 1
    monkeypatch.setattr(secrets, "randbelow", lambda limit: 0)
    assert ids.new_registration_id() == 1


def test_ids_differ() -> None:
    drawn = {ids.new_registration_id() for _ in range(1000)}
    assert len(drawn) > 990
    assert max(drawn) > 2**33


def test_tokens_carry_128_bits_in_url_letters() -> None:
    tokens = {ids.random_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", token) for token in tokens)


@pytest.mark.parametrize("registration_id", EXAMPLES)
def test_letters_are_read_back(registration_id: int) -> None:
    code = ids.letters(registration_id)
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{8}", code)
    assert ids.read_letters(code) == registration_id


def test_known_letters_never_change() -> None:
    """They are printed on passes; the first seven can be worked out by hand."""
    assert ids.letters(1)[:7] == "0000001"
    assert ids.letters(32)[:7] == "0000010"
    assert ids.letters(2**35 - 1)[:7] == "ZZZZZZZ"
    assert [ids.letters(number) for number in (1, 2, 32, 2**35 - 1)] == [
        "00000012",
        "00000024",
        "00000104",
        "ZZZZZZZC",
    ]


@pytest.mark.parametrize("registration_id", [0, -1, 2**35, 2**53])
def test_letters_refuse_other_ids(registration_id: int) -> None:
    with pytest.raises(ValueError, match="35 bits"):
        ids.letters(registration_id)


@pytest.mark.parametrize("registration_id", EXAMPLES)
def test_every_single_wrong_letter_is_caught(registration_id: int) -> None:
    code = ids.letters(registration_id)
    for place, letter in itertools.product(range(8), ids.LETTERS):
        if letter != code[place]:
            assert not _is_read(code[:place] + letter + code[place + 1 :])


@pytest.mark.parametrize("registration_id", EXAMPLES)
def test_every_swap_of_two_letters_is_caught(registration_id: int) -> None:
    code = ids.letters(registration_id)
    for first, second in itertools.combinations(range(8), 2):
        swapped = list(code)
        swapped[first], swapped[second] = code[second], code[first]
        if code[first] != code[second]:
            assert not _is_read("".join(swapped))


def test_single_errors_and_swaps_are_caught_for_every_weight() -> None:
    """Linear code: it is enough that no word of one or two letters (a swap adds the same
    difference in two places) is a codeword."""
    for place, letter in itertools.product(range(8), ids.LETTERS[1:]):
        assert not _is_read("0" * place + letter + "0" * (7 - place))
    for (first, second), letter in itertools.product(
        itertools.combinations(range(8), 2), ids.LETTERS[1:]
    ):
        word = ["0"] * 8
        word[first] = word[second] = letter
        assert not _is_read("".join(word))


def test_letters_are_read_as_people_type_them() -> None:
    registration_id = ids.read_letters(ids.letters(2**34 + 1024))
    code = ids.letters(registration_id)
    assert "0" in code
    for typed in (
        code.lower(),
        f" {code[:4]} {code[4:]}\n",
        f"{code[:4]}-{code[4:]}",
        f"{code[:4]}\u2013{code[4:]}",
        code.replace("0", "O"),
        code.replace("0", "o"),
        "".join(chr(ord(sign) + 0xFEE0) for sign in code),
    ):
        assert ids.read_letters(typed) == registration_id


def test_i_and_l_are_read_as_one() -> None:
    code = ids.letters(1)
    for one in "IiLl":
        assert ids.read_letters(code.replace("1", one)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000001",
        "000000120",
        "0000001U",
        "가나다라마바사아",
        "00000000",
        "0000_012",
        "\0" * 8,
        "x" * 10_000,
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ids.LettersError):
        ids.read_letters(text)


def _is_read(code: str) -> bool:
    try:
        ids.read_letters(code)
    except ids.LettersError:
        return False
    return True
