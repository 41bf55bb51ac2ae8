"""The authority's portrait by Tencent Cloud FaceID (2018-03-01): ImageRecognitionV2 for a picture, LivenessRecognition
for a video. Similarity is 0 to 100 and 70 passes (one false accept in ten thousand):
https://cloud.tencent.com/document/api/1007/102203.
"""

from __future__ import annotations

import base64
import re
from typing import Any

from tencentcloud.faceid.v20180301.faceid_client import FaceidClient

from webapp.adapters.tencent.account_check import ping_faceid
from webapp.adapters.tencent.api import Refused, TencentAccount, call, failure_of
from webapp.ports.face_authority import FaceAnswer, FaceQuestion, FaceVerdict
from webapp.ports.failures import SeamMisused, SeamUnavailable, Trouble
from webapp.ports.liveness import Gesture

ACTIONS = {"1": Gesture.OPEN_MOUTH, "2": Gesture.BLINK}
PASSES = 70.0
MOST_PICTURE = 3_000_000
MOST_VIDEO = 8_000_000
_POOR = """ActionFaceClose ActionFaceFar ActionFaceLeft ActionFaceRight ActionLightDark ActionLightStrong
ActionNodetectFace CompressVideoError CoveredFace EmptyImageError ImageBlur ImageDecodeFailed ImageSizeTooLarge
IncompleteFace LifePhotoDetectFaces LifePhotoDetectNoFaces LifePhotoPoorQuality LifePhotoSizeError LipFaceIncomplete
LipSizeError LipVideoInvalid LipVideoQuaility LivessBestFrameError PoorImageQuality SilentFaceDetectFail
SilentFaceQualityFail SilentFaceWithMaskFail SilentMultiFaceFail SilentTooShort VideoDecodeFailed
VideoDurationExceeded"""
_NOT_LIVE = """ActionCloseEye ActionFirstAction ActionOpenMouth LifePhotoDetectFake LipMoveSmall LipVoiceDetect
LipVoiceLow LipVoiceRecognize LivessDetectFail LivessDetectFake LivessUnknownError SilentDetectFail SilentEyeLiveFail
SilentMouthLiveFail SilentPictureLiveFail SilentThreshold"""
VERDICTS = {
    "CompareFail": FaceVerdict.NO_MATCH,
    "CompareLowSimilarity": FaceVerdict.NO_MATCH,
    "IdNameMisMatch": FaceVerdict.NAME_MISMATCH,
    "NameFormatError": FaceVerdict.NAME_MISMATCH,
    "IdFormatError": FaceVerdict.NO_RECORD,
    "IdNoExistSystem": FaceVerdict.NO_RECORD,
    "IdPhotoNoExist": FaceVerdict.NO_PORTRAIT,
    "IdPhotoPoorQuality": FaceVerdict.NO_PORTRAIT,  # the portrait on file, not ours
    "IdentityAuthLimitExceeded": FaceVerdict.LIMIT_REACHED,
    **dict.fromkeys(_POOR.split(), FaceVerdict.POOR_PICTURE),
    **dict.fromkeys(_NOT_LIVE.split(), FaceVerdict.NOT_LIVE),
}
_DOWN = """CompareLibServiceUnavailable CompareSystemError DbError DecryptSystemError DetectEngineSystemError
DownLoadError DownLoadTimeoutError EncryptSystemError FileSaveError IdPhotoSystemNoanswer LipNetFailed
LivessSystemError UnKnown"""
DOWN = frozenset(_DOWN.split())
"""The authority's own troubles: asked again later. What stands in neither table doesn't belong to our questions."""


class TencentFaceAuthority:
    """Has no request ids of ours: to be wrapped in RememberedFaceAuthority.

    `judges_films`: Tencent draws the gestures (GetActionSequence) and judges the film for them, where it takes its format.
    """

    def __init__(self, account: TencentAccount, *, judges_films: bool = False) -> None:
        self._client: Any = account.client(FaceidClient)
        self._judges_films = judges_films

    def wanted_gestures(self) -> tuple[Gesture, ...]:
        """Opening the mouth and shutting the eyes, in the order that Tencent drew."""
        if not self._judges_films:
            return ()
        try:
            told = call(self._client, "GetActionSequence", {})
        except Refused as refused:
            raise failure_of(refused.code) from None
        numbers = str(told.get("ActionSequence", "")).split(",")
        if not set(numbers) <= set(ACTIONS):
            raise SeamUnavailable("an unknown gesture", Trouble.NONSENSE)
        return tuple(ACTIONS[number] for number in numbers)

    def compare(self, question: FaceQuestion) -> FaceAnswer:
        """See the port."""
        number = question.id_number.upper()
        if not (question.request_id and question.name and re.fullmatch(r"\d{17}[\dX]", number)):
            raise SeamMisused("a request id, a name and 18 digits are needed", Trouble.QUESTION)
        person = {"IdCard": number, "Name": question.name}
        if self._judges_films and is_mp4(question.video):
            film = _encoded(question.video, MOST_VIDEO)
            return self._ask("LivenessRecognition", {**person, "VideoBase64": film, **_liveness(question.gestures)})
        return self._ask("ImageRecognitionV2", {**person, "ImageBase64": _encoded(question.picture, MOST_PICTURE)})

    def _ask(self, action: str, asked: dict[str, Any]) -> FaceAnswer:
        try:
            told = call(self._client, action, asked)
        except Refused as refused:
            return FaceAnswer(verdict_of(refused.code), refused.reference or "unnumbered")
        result, similarity = str(told.get("Result")), told.get("Sim")
        if result != "Success":
            verdict = verdict_of(result)
            compared = verdict is FaceVerdict.NO_MATCH and _is_similarity(similarity)
            return FaceAnswer(verdict, told["RequestId"], float(similarity) / 100 if compared else None)  # type: ignore[arg-type]  # tested a line above
        if not _is_similarity(similarity):
            raise SeamUnavailable("no similarity", Trouble.NONSENSE)
        value = float(similarity)  # type: ignore[arg-type]  # tested above
        verdict = FaceVerdict.MATCH if value >= PASSES else FaceVerdict.NO_MATCH
        return FaceAnswer(verdict, told["RequestId"], value / 100)

    def ping(self) -> None:
        """Raises what stands in the way."""
        ping_faceid(self._client)


def is_mp4(film: bytes) -> bool:
    """True for the one of our two formats that Tencent takes; of a WebM film the still is compared."""
    return film[4:8] == b"ftyp"


def _liveness(gestures: tuple[Gesture, ...]) -> dict[str, str]:
    """The action mode for a film of Tencent's own gestures, else the silent one."""
    numbers = {gesture: number for number, gesture in ACTIONS.items()}
    if gestures and set(gestures) <= set(numbers):
        return {"LivenessType": "ACTION", "ValidateData": ",".join(numbers[gesture] for gesture in gestures)}
    return {"LivenessType": "SILENT"}


def verdict_of(code: str) -> FaceVerdict:
    """The verdict that an error code stands for; raises SeamUnavailable or SeamMisused where it stands for none."""
    kind, _, name = code.partition(".")
    if kind == "FailedOperation" and name in VERDICTS:
        return VERDICTS[name]
    if kind == "FailedOperation" and name in DOWN:
        raise SeamUnavailable(code, Trouble.SERVER)
    raise failure_of(code)


def _is_similarity(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100


def _encoded(data: bytes, most: int) -> str:
    encoded = base64.b64encode(data).decode()
    if not 0 < len(encoded) <= most:
        raise SeamMisused("no picture, or one that is too large", Trouble.QUESTION)
    return encoded
