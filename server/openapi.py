"""The description of the interface that the server gives of itself: OpenAPI 3.1, and a page to read it."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api_client.models.base import ErrorEnvelope

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "code{font-family:ui-monospace,monospace}td,th{padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top}"
)


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of `app`, made once.

    FastAPI's own 422 is taken out: this platform answers 400 with its own envelope.
    """
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, openapi_version="3.1.0"
    )
    for operations in document.get("paths", {}).values():
        for operation in operations.values():
            operation.get("responses", {}).pop("422", None)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    error = ErrorEnvelope.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    schemas.update(error.pop("$defs"))
    schemas["ErrorEnvelope"] = error
    app.openapi_schema = document
    return document


def page(document: dict[str, Any]) -> str:
    """Return `document` as one HTML page that needs nothing from anywhere else."""
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(document['info']['title'])}</title>",
        f"<style>{_STYLE}</style><h1>{escape(document['info']['title'])}</h1>",
        f"<p>{escape(document['info'].get('description', ''))}</p>",
        "<p>Machine-readable: <a href=/openapi.json>openapi.json</a></p>",
    ]
    domains: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            domain = (operation.get("tags") or ["platform"])[0]
            domains.setdefault(domain, []).append(
                f"<tr><td><code>{method.upper()}</code><td><code>{escape(path)}</code>"
                f"<td>{escape(operation.get('summary', ''))}"
            )
    for domain, rows in domains.items():
        parts.append(f"<h2>{escape(domain)}</h2><table>{''.join(rows)}</table>")
    return "".join(parts) + "</html>"
