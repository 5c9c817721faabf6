"""API Gateway's payloads as AWS documents them, given to the handler that Zappa deploys."""

from __future__ import annotations

import base64
import sys
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, urlencode

from zappa.handler import LambdaHandler

HOST = "a1b2c3d4e5.execute-api.ap-northeast-2.amazonaws.com"
FORM = "application/x-www-form-urlencoded"


def handler(mapping: dict[str, str] | None = None) -> LambdaHandler:
    """Zappa's handler for our app, without Lambda around it."""
    settings = ModuleType("lanyard_zappa_settings")
    settings.__dict__.update(
        APP_MODULE="wsgi",
        APP_FUNCTION="app",
        DJANGO_SETTINGS=None,
        DEBUG=False,
        LOG_LEVEL="INFO",
        BINARY_SUPPORT=True,
        CONTEXT_HEADER_MAPPINGS={},
        EXCEPTION_HANDLER=None,
        API_STAGE="prod",
        PROJECT_NAME="lanyard",
        DOMAIN=None,
        BASE_PATH=None,
        ENVIRONMENT_VARIABLES={},
        AWS_EVENT_MAPPING=mapping or {},
        AUTHORIZER_FUNCTION=None,
        COGNITO_TRIGGER_MAPPING={},
        AWS_BOT_EVENT_MAPPING={},
        APP_TYPE="wsgi",
    )
    sys.modules[settings.__name__] = settings
    LambdaHandler._LambdaHandler__instance = None
    return LambdaHandler(settings_name=settings.__name__)


def v2(
    method: str,
    path: str,
    *,
    prefix: str = "/prod",
    headers: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
    host: str = HOST,
) -> dict[str, Any]:
    """HTTP API, payload format 2.0. `prefix` is the stage in rawPath; "" under an own domain."""
    path, _, query = path.partition("?")
    sent = {"host": host, **(headers or {})}
    body = urlencode(form) if form is not None else ""
    if form is not None:
        sent["content-type"] = FORM
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": prefix + path,
        "rawQueryString": query,
        "headers": sent,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "a1b2c3d4e5",
            "domainName": host,
            "http": {
                "method": method,
                "path": prefix + path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.7",
                "userAgent": "test",
            },
            "requestId": "id",
            "routeKey": "$default",
            "stage": "prod",
        },
        "body": base64.b64encode(body.encode()).decode(),
        "isBase64Encoded": True,
    }


def v1(
    method: str,
    path: str,
    *,
    prefix: str = "/prod",
    headers: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
    host: str = HOST,
) -> dict[str, Any]:
    """REST API, payload format 1.0: the path comes without the stage."""
    path, _, query = path.partition("?")
    sent = {"Host": host, **(headers or {})}
    body = urlencode(form) if form is not None else None
    if form is not None:
        sent["Content-Type"] = FORM
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": dict(parse_qsl(query)) or None,
        "multiValueQueryStringParameters": {k: [v] for k, v in parse_qsl(query)} or None,
        "pathParameters": {"proxy": path.lstrip("/")},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "a1b2c3d4e5",
            "domainName": host,
            "httpMethod": method,
            "identity": {"sourceIp": "192.0.2.7"},
            "path": prefix + path,
            "protocol": "HTTP/1.1",
            "requestId": "id",
            "stage": "prod",
        },
        "body": body,
        "isBase64Encoded": False,
    }


def header(answer: dict[str, Any], name: str) -> str:
    """A header of the handler's answer, '' if absent."""
    found = {key.lower(): value for key, value in (answer.get("headers") or {}).items()}
    return str(found.get(name.lower(), ""))
