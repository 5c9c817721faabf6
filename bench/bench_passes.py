"""How much processor time the parts of a pass take.

In this process, on one core; another person each time, at the same conference, as at an opening.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace

from harness import ROOT, Figure, p50, report

sys.path.insert(0, str(ROOT))  # the application is no installed package

from app.core import ids
from app.passes import code, image, pdf, qr
from app.passes.layout import PassFace

ROUNDS = 60
KEY = code.new_private_key()
NAMES = (
    "김하늘",
    "남궁 민수",
    "Maximiliane Featherstonehaugh-Okonkwo",
    "Nguyễn Thị Minh Khai",
    "Александр Солженицын",
    "高橋エリカ",
    "محمد عبد الرحمن",
    "สมชาย ใจดี",
    "김하늘 🎉",
    "Wolfeschlegelsteinhausenbergerdorff" * 4,
)


def main() -> None:
    """Measure, and print."""
    first = _processor_ms(image.render, _face(0))
    images = [_processor_ms(image.render, _face(number)) for number in range(1, ROUNDS)]
    pdf.render(_face(0), pdf.Size.A4)
    pdfs = [_processor_ms(pdf.render, _face(n), pdf.Size.A4) for n in range(1, ROUNDS)]
    sheets = _processor_ms(pdf.sheets, [_face(number) for number in range(ROUNDS)])
    texts = [_pass_code(number, 2) for number in range(ROUNDS)]
    symbols = [_processor_ms(lambda text: qr.svg(text, "QR"), text) for text in texts]
    signed = [_processor_ms(lambda number: _pass_code(number, 3), n) for n in range(ROUNDS)]
    report(
        "The processor time of a pass",
        [
            Figure("pass_image_ms", "image, median", p50(images), "ms", target=60),
            Figure(
                "pass_image_max_ms", "image, slowest (a name of 140 letters)", max(images), "ms"
            ),
            Figure("pass_image_first_ms", "image, the first of a process", first, "ms"),
            Figure("pass_image_kb", "image, size", len(image.render(_face(2))) / 1000, "kB"),
            Figure("pass_pdf_ms", "PDF, median", p50(pdfs), "ms", target=30),
            Figure("pass_pdf_max_ms", "PDF, slowest (a name of 140 letters)", max(pdfs), "ms"),
            Figure("pass_sheet_ms", "PDF of many, each", sheets / ROUNDS, "ms", target=8),
            Figure("qr_svg_ms", "QR code as SVG, median", p50(symbols), "ms"),
            Figure("pass_code_ms", "pass code, signed, median", p50(signed), "ms"),
        ],
    )


def _processor_ms(work: Callable[..., object], *arguments: object) -> float:
    start = time.process_time()
    work(*arguments)
    return (time.process_time() - start) * 1000


def _pass_code(number: int, version: int = 1) -> str:
    seed = code.seed_of(ids.letters(2**34 + number), version)
    return code.encode(code.PassCode(seed, 1), KEY)


def _face(number: int) -> PassFace:
    """Another person: nothing but the band is kept from before."""
    return replace(
        FACE,
        name=f"{NAMES[number % len(NAMES)]} {number}",
        letters=ids.letters(2**34 + number),
        pass_code=_pass_code(number),
        ticket_order=number % 3,
    )


FACE = PassFace(
    conference_name="가람 개발자 콘퍼런스 2026",
    subtitle="Garam Developer Conference",
    logo=None,
    colour="#0b5563",
    name="",
    company="물결소프트 Institute for Coastal Statistics",
    ticket_type="일반 참가",
    ticket_type_small="FULL PASS",
    ticket_order=0,
    letters="",
    when=("2026년 10월 17일 (토)", "10:00–18:00"),
    where=("물빛컨벤션센터 3층", "서울"),
    code_label="참가증 코드",
    when_label="일시",
    where_label="장소",
    pass_code="",
)


if __name__ == "__main__":
    main()
