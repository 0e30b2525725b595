"""Secrets in payloads, masked before a table leaves for a file.

In memory ``messages.payload`` is what was logged. A file travels, so what opens doors is taken out of it:
passwords and keys in configuration messages, credentials in addresses, private keys.
"""

from __future__ import annotations

import json
import re
from typing import Any

import polars as pl

MASK = "***"

_SECRET_KEY = re.compile(
    r"authorizationkey|password|passwd|passphrase|secret|token|psk|api[_-]?key|credential|apnuser|vpnuser|vpnkey"
    r"|(?:sim|\b)pin\b|pincode",
    re.IGNORECASE,
)
# Fields that are secret wherever they stand; `vpn` and `apn` hold `user` and `key` beside harmless ones.
_SECRET_FIELDS = frozenset({"basicauthpassword", "apnpassword", "apnusername", "simpin", "password", "privatekey"})
_GUARDED = r"password|passwd|passphrase|secret|psk|api[_-]?key|authorizationkey|credential|privatekey"
_SECRET_FIELD = re.compile(_GUARDED, re.IGNORECASE)
_VPN_FIELDS = frozenset({"user", "key", "password"})
# A scheme is short; a search for one of any length would take the square of the length of a long word.
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,31}://)(?:[^/?#@\s\"]*@)?([^?#\s\"]*)([?#][^\s\"]*)?")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_BEARER = re.compile(r"\b(Basic|Bearer)\s+[A-Za-z0-9+/=._~-]{8,}", re.IGNORECASE)
# `password=…` in a text of a vendor's own, and a member of JSON that cannot be read as a whole. What stands before
# `password` in its word is not looked for: of a long word that took the square of its length.
_ASSIGNMENT = re.compile(rf"((?:{_GUARDED}|token|\bpin)\s*[=:]\s*)[^\s,;&\"\\{{}}]+", re.IGNORECASE)
_MEMBER = re.compile(rf'("[^"\\]*(?:{_GUARDED})\\*"\s*:\s*\\*")[^"\\]+', re.IGNORECASE)
# Only payloads that show one of these are looked into; the others pass as they are, byte by byte.
_SUSPECT = (
    rf"(?i)\"key\"|\"variable\"|{_GUARDED}|token[=:]|pin[=:]|apnuser|simpin|\"vpn\"|writeonly|://|private key"
    r"|basic |bearer "
)


def mask_payloads(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Mask the secrets in a column of JSON texts; a text without secrets stays as it is."""
    suspect = frame.with_row_index("__row").filter(pl.col(column).str.contains(_SUSPECT)).select("__row", column)
    if suspect.is_empty():
        return frame
    masked = suspect.with_columns(pl.Series(column, [mask_text(text) for text in suspect[column]], dtype=pl.String))
    rows = frame.with_row_index("__row").update(masked, on="__row", how="left")
    return rows.select(frame.columns)


def mask_text(text: str) -> str:
    """Mask the secrets in one JSON text, or in a text that only looks like one."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _plain(text)
    masked = _value(value)
    return text if masked == value else json.dumps(masked, ensure_ascii=False, separators=(",", ":"))


def _value(value: Any, *, vpn: bool = False) -> Any:
    if isinstance(value, str):
        return _plain(value)
    if isinstance(value, list):
        return [_value(item) for item in value]
    if not isinstance(value, dict):
        return value
    secret = _names_a_secret(value)
    if value.get("mutability") == "WriteOnly" and value.get("value"):
        value = {**value, "value": MASK}
    return {key: _field(key, item, secret=secret, vpn=vpn) for key, item in value.items()}


def _field(key: str, item: Any, *, secret: bool, vpn: bool) -> Any:
    lower = key.lower()
    if item in {None, ""} if isinstance(item, (str, type(None))) else False:
        return item
    if lower in _SECRET_FIELDS or (vpn and lower in _VPN_FIELDS):
        return MASK
    if isinstance(item, str) and _SECRET_FIELD.search(key):
        return MASK
    if secret and lower in {"value", "attributevalue"}:
        return MASK
    if secret and lower == "variableattribute" and isinstance(item, list):
        return [
            {**attribute, "value": MASK} if isinstance(attribute, dict) and attribute.get("value") else attribute
            for attribute in item
        ]
    return _value(item, vpn=lower == "vpn")


def _names_a_secret(entry: dict[str, Any]) -> bool:
    """Whether this is a configuration entry whose key or variable is a secret's."""
    variable = entry.get("variable")
    name = variable.get("name") if isinstance(variable, dict) else entry.get("key")
    return isinstance(name, str) and _SECRET_KEY.search(name) is not None


def _plain(text: str) -> str:
    if text.startswith(("{", "[")):
        # JSON inside of a text, as vendors send it.
        try:
            inner = json.loads(text)
        except (ValueError, RecursionError):
            text = _MEMBER.sub(rf"\1{MASK}", text)
        else:
            masked = _value(inner)
            return text if masked == inner else json.dumps(masked, ensure_ascii=False, separators=(",", ":"))
    text = _PRIVATE_KEY.sub(MASK, text)
    text = _ADDRESS.sub(lambda found: found[1] + found[2] + ("?" + MASK if found[3] else ""), text)
    text = _ASSIGNMENT.sub(rf"\1{MASK}", text)
    return _BEARER.sub(lambda found: f"{found[1]} {MASK}", text)
