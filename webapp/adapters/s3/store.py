"""Sealed files in an S3 bucket, by obstore. A put is atomic and replaces; S3 shows no half of a file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from obstore import exceptions
from obstore.store import S3Store

from webapp.adapters.storage.keys import checked_key
from webapp.ports.failures import SeamMisused, SeamUnavailable, Trouble
from webapp.ports.object_store import StoredFile

_PROBE = "probe/reachable"


class S3ObjectStore:
    """`endpoint` is the address of the S3 service, without the bucket; `seconds` bounds one attempt, of which there are two."""

    def __init__(
        self, *, bucket: str, endpoint: str, region: str, access_key: str, secret_key: str, seconds: float
    ) -> None:
        self._store = S3Store(
            bucket,
            endpoint=endpoint,
            region=region,
            access_key_id=access_key,
            secret_access_key=secret_key,
            virtual_hosted_style_request=False,
            client_options={
                "allow_http": urlsplit(endpoint).scheme == "http",
                "timeout": timedelta(seconds=seconds),
                "connect_timeout": timedelta(seconds=min(3.0, seconds)),
            },
            retry_config={"max_retries": 1, "retry_timeout": timedelta(seconds=2 * seconds)},
        )

    def put(self, key: str, data: bytes) -> None:
        """Returns when S3 has said that it keeps the bytes."""
        with _told(key):
            self._store.put(checked_key(key), data, use_multipart=False)

    def get(self, key: str) -> bytes:
        """The bytes of a key; raises KeyError."""
        with _told(key):
            return bytes(self._store.get(checked_key(key)).bytes())

    def delete(self, key: str) -> None:
        """Removes a key for good; one that isn't there is fine."""
        with contextlib.suppress(KeyError), _told(key):
            self._store.delete(checked_key(key))

    def listed(self, prefix: str) -> Iterator[StoredFile]:
        """Every file below a folder, a page of the listing at a time."""
        with _told(prefix):
            for page in self._store.list(checked_key(prefix.rstrip("/"))):
                for file in page:
                    yield StoredFile(file["path"], file["last_modified"])

    def ping(self) -> None:
        """Raises what stands in the way of writing, reading and removing."""
        self.put(_PROBE, b"probe")
        self.get(_PROBE)
        self.delete(_PROBE)


@contextlib.contextmanager
def _told(key: str) -> Iterator[None]:
    """What obstore raises, as what it is for us. Its words hold the address of the file: they are read, not kept."""
    try:
        yield
    except (exceptions.NotFoundError, FileNotFoundError) as fault:
        if "NoSuchBucket" in str(fault):
            raise SeamMisused("no such bucket", Trouble.QUESTION) from None
        raise KeyError(key) from None
    except exceptions.UnauthenticatedError:
        raise SeamMisused("S3 doesn't know us", Trouble.SECRET) from None
    except exceptions.PermissionDeniedError as fault:
        raise SeamMisused("S3 refuses", _refusal(str(fault))) from None
    except exceptions.BaseError as fault:
        raise SeamUnavailable(type(fault).__name__, _trouble(str(fault))) from None


def _refusal(words: str) -> Trouble:
    """S3's error codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html."""
    codes = {
        "RequestTimeTooSkewed": Trouble.CLOCK,
        "SignatureDoesNotMatch": Trouble.SECRET,
        "InvalidAccessKeyId": Trouble.SECRET,
    }
    return next((trouble for code, trouble in codes.items() if code in words), Trouble.PERMISSION)


def _trouble(words: str) -> Trouble:
    marks = {
        "dns error": Trouble.NAME,
        "ertificate": Trouble.CERTIFICATE,
        "kind: Connect": Trouble.UNREACHABLE,
        "kind: Timeout": Trouble.TIMEOUT,
        "SlowDown": Trouble.BUSY,
    }
    return next((trouble for mark, trouble in marks.items() if mark in words), Trouble.SERVER)
