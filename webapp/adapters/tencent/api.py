"""Tencent Cloud by its own SDK: one signed call (TC3-HMAC-SHA256), and what its error codes mean for us.

The SDK repeats nothing by itself; the job queue asks again. Codes: tencentcloud/*/errorcodes.py of the SDK, and
https://cloud.tencent.com/document/api/1007/31329 (common error codes).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tencentcloud.common.abstract_client import AbstractClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from webapp.ports.failures import SeamFailure, SeamMisused, SeamUnavailable, Trouble

logging.getLogger("tencentcloud_sdk_common").setLevel(logging.WARNING)  # below that it prints questions and answers

_AGAIN = (  # ask again later
    ("RequestLimitExceeded", Trouble.BUSY),
    ("LimitExceeded", Trouble.BUSY),
    ("FailedOperation.RequestLimitExceeded", Trouble.BUSY),
    ("InternalError", Trouble.SERVER),
    ("ServiceUnavailable", Trouble.SERVER),
    ("ResourceUnavailable", Trouble.SERVER),
    ("ResourcesSoldOut", Trouble.SERVER),
    ("ServerNetworkError", Trouble.SERVER),
)
_MEND = (  # longer codes before their beginnings
    ("AuthFailure.SignatureExpire", Trouble.CLOCK),
    ("AuthFailure.UnauthorizedOperation", Trouble.PERMISSION),
    ("AuthFailure", Trouble.SECRET),
    ("UnauthorizedOperation.Arrears", Trouble.QUOTA),
    ("UnauthorizedOperation.ChargeStatusException", Trouble.QUOTA),
    ("UnauthorizedOperation", Trouble.PERMISSION),
    ("FailedOperation.StsUnAuthErrError", Trouble.PERMISSION),
    ("FailedOperation.InsufficientBalanceInSmsPackage", Trouble.QUOTA),
    ("InvalidParameter", Trouble.QUESTION),
    ("MissingParameter", Trouble.QUESTION),
    ("UnknownParameter", Trouble.QUESTION),
    ("UnsupportedOperation", Trouble.QUESTION),
    ("UnsupportedProtocol", Trouble.QUESTION),
    ("UnsupportedRegion", Trouble.QUESTION),
    ("InvalidAction", Trouble.QUESTION),
    ("NoSuchVersion", Trouble.QUESTION),
    ("ResourceNotFound", Trouble.QUESTION),
)
_NETWORK = (  # the SDK gives no type, only the words of what the network said
    (("NameResolutionError", "Name or service not known", "Failed to resolve"), Trouble.NAME),
    (("CERTIFICATE", "SSLError", "certificate"), Trouble.CERTIFICATE),
    (("ConnectTimeout", "NewConnectionError", "Connection refused"), Trouble.UNREACHABLE),
    (("Read timed out", "ReadTimeout"), Trouble.TIMEOUT),
    (("IncompleteRead", "Connection aborted", "Connection broken", "RemoteDisconnected", "reset"), Trouble.CUT_OFF),
)


@dataclass(frozen=True, slots=True)
class TencentAccount:
    """`endpoint` is empty for Tencent's own, or an address such as http://127.0.0.1:9960. `seconds` bounds each read."""

    secret_id: str
    secret_key: str = field(repr=False)
    region: str = "ap-guangzhou"
    endpoint: str = ""
    seconds: float = 10.0

    def client(self, kind: type[AbstractClient]) -> AbstractClient:
        """A client of one service, of the SDK's own class."""
        address = urlsplit(self.endpoint)
        http = HttpProfile(protocol=address.scheme or "https", endpoint=address.netloc or None, reqTimeout=self.seconds)
        profile = ClientProfile(httpProfile=http, signMethod="TC3-HMAC-SHA256")
        return kind(Credential(self.secret_id, self.secret_key), self.region, profile)


class Refused(Exception):
    """Tencent answered with an error code, which the caller may know as a verdict. `reference` is its RequestId."""

    def __init__(self, code: str, reference: str) -> None:
        self.code, self.reference = code, reference
        super().__init__(code)


def call(client: AbstractClient, action: str, question: Mapping[str, Any]) -> dict[str, Any]:
    """The object `Response` of the answer. Raises Refused for an error code, SeamUnavailable where there is none.

    The words of an error are dropped: they may repeat the question.
    """
    try:
        found = client.call_json(action, dict(question))["Response"]
        reference = found["RequestId"]
        error = found.get("Error")
    except TencentCloudSDKException as fault:
        code = str(fault.get_code())
        if code == "ClientNetworkError":
            raise SeamUnavailable(code, _network_trouble(str(fault.get_message()))) from None
        raise Refused(code, str(fault.get_request_id() or "")) from None
    except OSError as fault:  # the SDK lets through what goes wrong while it reads an answer's body
        raise SeamUnavailable(type(fault).__name__, _network_trouble(str(fault))) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise SeamUnavailable("not an answer of Tencent's", Trouble.NONSENSE) from None
    if error is not None:
        raise Refused(str(error.get("Code") if isinstance(error, dict) else error), str(reference))
    if not isinstance(reference, str) or not 0 < len(reference) <= 80:
        raise SeamUnavailable("no usable RequestId", Trouble.NONSENSE)
    return dict(found)


def failure_of(code: str) -> SeamFailure:
    """What an error code that is no verdict means. An unknown one may pass: it is asked again, and seen at the desk."""
    for beginning, trouble in _MEND:
        if code.startswith(beginning):
            return SeamMisused(code, trouble)
    trouble = next((trouble for beginning, trouble in _AGAIN if code.startswith(beginning)), Trouble.OTHER)
    return SeamUnavailable(code, trouble)


def _network_trouble(words: str) -> Trouble:
    return next((trouble for marks, trouble in _NETWORK if any(mark in words for mark in marks)), Trouble.OTHER)
