"""What docs/cost.md and docs/cost.ko.md say: texts without the figures, which scripts/cost.py fills
in, the same in both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Texts:
    """The texts of one language; `say` gives its words for an English cell, heading or head of a
    table, and raises KeyError where it has none."""

    head: str
    rules: str
    assumed: str
    prices: str
    say: Callable[[str], str]


ENGLISH = Texts(
    head="""# What it costs

[한국어](cost.ko.md) · [All documents](README.md)

Written by `make cost` (`scripts/cost.py`): measured on {date}, with Seoul's prices
(ap-northeast-2) as of {prices_of}, in USD without tax. None of it has been compared with a bill:
no AWS account was at hand. What is assumed stands below.

Three sums each: at list prices; with what CloudWatch gives every account for ever (10 alarms, 10
metrics, 5 GB of logs a month); with all that AWS gives for ever. What a new account gets for its
first months counts nowhere. An account has each allowance once, whatever else runs in it.
""",
    rules="""Write units by DynamoDB's rule: two for each record of a transaction, one for any
other, one more for each entry of an index that is written or removed; records are below 1 KB. The
emulator counts the same, and a test compares.

- A sign-up: counter 2, address 2, registration 2, its entries in `by_change` and `by_due` 2:
  {sign_up}.
- Its message: pass and mail claimed 1, both noted 1, entry in `by_due` removed 1: {message}. So a
  registration that gets a seat is {seat} in all.
- On the waiting list: place counted 1, place 2, address 2, registration 2, its entries 2:
  {waiting}.
""",
    assumed="""**Assumed.** Lambda gives 1,024 MB {share:.2f} of a processor, so that own processor
time takes {longer:.1f} times as long as here. A call waits for AWS, in milliseconds: {waits}. A
person opens the pass twice. Cold starts: one for 20 registrations, 200 in a rush, one an hour in
idleness. A public page comes from the function every {seconds} seconds for each of {languages}
languages and {caches} caches of CloudFront, or at each view where views are rarer. Whoever sees the
page sees it for the first time, and fetches its {files} files, too. The conference of 500: 10,000
people look within ten minutes, 500 get a seat, 300 wait, 50 cancel and 50 move up.

**Free**: transfer from AWS to CloudFront, SNS's deliveries to Lambda, schedules, parameters in
SSM, two budgets. **Not in it**: an own domain (a zone of Route 53 is 0.50 a month), backups, a
REST API in place of the HTTP API (3.50 a million requests).
""",
    prices="""## Prices

AWS's own pages, `aws.amazon.com/<page>/`, could not be read where this was written. `quoted`: as
public documents of 2026 quote AWS's price list of Seoul. `from memory`: of the published list.
Look at both before you count on them; they are one table in `scripts/cost.py`.
""",
    say=str,
)

_WORDS = {
    # heads of tables
    "| should be at most | USD | is |": "| 넘지 않아야 할 것 | 한도(USD) | 계산 |",
    "| item | quantity | list | CloudWatch's allowance | all allowances |": (
        "| 항목 | 양 | 정가 | CloudWatch 무료 몫 | 모든 무료 몫 |"
    ),
    "| event | own CPU, ms | calls to AWS | charged, ms | writes | reads | log, bytes |": (
        "| 이벤트 | 자기 CPU, ms | AWS 호출 | 청구, ms | 쓰기 | 읽기 | 로그, 바이트 |"
    ),
    "| item | USD | for | free for ever, a month | page | seen |": (
        "| 항목 | USD | 단위 | 언제까지나 무료, 한 달 | 페이지 | 본 곳 |"
    ),
    # targets
    "1,000 registrations, list prices": "신청 1,000건, 정가",
    "of that the mails (SES)": "그 가운데 메일(SES)",
    "a month of idleness, with CloudWatch's permanent allowance": (
        "아무도 오지 않는 한 달, CloudWatch 무료 몫을 빼고"
    ),
    "a month of idleness, list prices": "아무도 오지 않는 한 달, 정가",
    "missed": "넘음",
    "all": "합계",
    # headings
    "A month in which nobody comes": "아무도 오지 않는 한 달",
    "1,000 registrations": "신청 1,000건",
    "A month with a conference of 500, and a rush": "500명 행사가 있고 신청이 몰린 한 달",
    "A million people see the sign-up page in a day": "하루에 백만 명이 신청 화면을 본다",
    "What one event uses": "이벤트 하나가 쓰는 것",
    # items
    "Lambda, time": "Lambda, 시간",
    "Lambda, requests": "Lambda, 요청",
    "API Gateway (HTTP API)": "API Gateway(HTTP API)",
    "DynamoDB, writes": "DynamoDB, 쓰기",
    "DynamoDB, reads": "DynamoDB, 읽기",
    "DynamoDB, storage": "DynamoDB, 저장",
    "DynamoDB, its past": "DynamoDB, 특정 시점 복구",
    "S3, writes": "S3, 쓰기",
    "S3, reads": "S3, 읽기",
    "S3, storage": "S3, 저장",
    "SNS": "SNS",
    "SES, mails": "SES, 메일",
    "SES, data": "SES, 데이터",
    "SSM (KMS, to decrypt)": "SSM(KMS 복호화)",
    "CloudWatch, logs": "CloudWatch, 로그",
    "CloudWatch, logs kept": "CloudWatch, 로그 보관",
    "CloudWatch, metrics": "CloudWatch, 지표",
    "CloudWatch, alarms": "CloudWatch, 경보",
    "CloudFront, requests": "CloudFront, 요청",
    "CloudFront, data": "CloudFront, 데이터",
    "CloudFront, functions": "CloudFront, 함수",
    # units
    "GB-s": "GB초",
    "requests": "요청",
    "write units": "쓰기 단위",
    "read units": "읽기 단위",
    "GB-months": "GB월",
    "messages": "메시지",
    "mails": "통",
    "GB": "GB",
    "metrics": "지표",
    "alarms": "경보",
    "runs": "실행",
    # events
    "page": "신청 화면",
    "sign up": "신청",
    "message": "메시지",
    "pass page": "참가증 화면",
    "pass image": "참가증 이미지",
    "five minutes": "5분 일정",
    "hour": "1시간 일정",
    "sign up full": "신청, 자리 없음",
    "cold start": "콜드 스타트",
    # where a price was seen
    "quoted": "인용",
    "from memory": "기억",
}

KOREAN = Texts(
    head="""# 비용

[English](cost.md) · [모든 문서](README.ko.md)

`make cost`(`scripts/cost.py`)가 썼습니다. {date}에 잰 값과 서울(ap-northeast-2)의 {prices_of}
가격으로 계산했고, 세금을 뺀 USD입니다. AWS 계정이 없어 청구서와 견주어 보지 못했습니다. 가정한
것은 아래에 있습니다.

합계는 셋입니다. 정가, CloudWatch가 모든 계정에 언제까지나 주는 무료 몫(한 달에 경보 10개, 지표
10개, 로그 5GB)을 뺀 값, AWS가 언제까지나 주는 무료 몫을 모두 뺀 값입니다. 새 계정이 처음 몇 달
동안 받는 것은 어디에도 넣지 않았습니다. 무료 몫은 계정에 하나씩이고, 그 계정의 다른 것과 나누어
씁니다.
""",
    rules="""쓰기 단위는 DynamoDB의 규칙으로 셉니다. 트랜잭션의 레코드는 둘, 다른 쓰기는 하나,
쓰거나 지운 인덱스 항목마다 하나 더입니다. 레코드는 1KB보다 작습니다. 에뮬레이터도 같게 세고,
테스트가 견줍니다.

- 신청: 카운터 2, 주소 2, 신청 2, `by_change`와 `by_due`의 항목 2: {sign_up}.
- 그 메시지: 참가증과 메일을 함께 맡음 1, 함께 적음 1, `by_due`의 항목 지움 1: {message}. 그래서
  자리를 얻는 신청은 모두 {seat}입니다.
- 대기자: 차례 셈 1, 차례 2, 주소 2, 신청 2, 그 항목 2: {waiting}.
""",
    assumed="""**가정.** Lambda는 1,024MB에 프로세서의 {share:.2f}배를 주므로 자기 CPU 시간이
여기보다 {longer:.1f}배 걸립니다. AWS 호출을 기다리는 시간은 밀리초로 {waits}입니다. 한 사람이
참가증을 두 번 엽니다. 콜드 스타트는 신청 20건에 한 번, 몰릴 때 200번, 아무도 오지 않을 때 한
시간에 한 번입니다. 공개 화면은 {languages}개 언어와 CloudFront의 캐시 {caches}개마다
{seconds}초에 한 번 함수에서 오고, 그보다 드물게 보면 볼 때마다 옵니다. 화면을 보는 사람은 처음
보며, 그 파일 {files}개도 받습니다. 500명 행사: 10분 안에 10,000명이 보고, 500명이 자리를 얻고,
300명이 기다리고, 50명이 취소하고 50명이 올라갑니다.

**무료**: AWS에서 CloudFront로 보내는 데이터, SNS가 Lambda로 보내는 것, 일정, SSM의 매개변수,
예산 둘. **들어 있지 않은 것**: 자기 도메인(Route 53의 영역 하나가 한 달 0.50), 백업, HTTP API
대신 쓰는 REST API(요청 백만에 3.50).
""",
    prices="""## 가격

AWS의 페이지 `aws.amazon.com/<페이지>/`는 이 문서를 쓴 곳에서 읽을 수 없었습니다. `인용`은
2026년의 공개 문서가 옮긴 AWS의 서울 가격표이고, `기억`은 공개된 가격표를 기억한 것입니다. 믿고
쓰기 전에 둘 다 확인합니다. 가격은 `scripts/cost.py`의 표 하나에 있습니다.
""",
    say=_WORDS.__getitem__,
)
