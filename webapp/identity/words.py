"""The verification's codes in words: steps, document types, faults and refusals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.identity.rules.documents import CheckedNumber, DocumentType, NumberFault
from webapp.identity.rules.names import NameFault
from webapp.identity.rules.strokes import StrokeFault
from webapp.ports.liveness import Gesture
from webapp.texts.queries import reason_words, reason_words_near

DOCUMENT_TYPES = {
    DocumentType.RESIDENT_ID: _l("居民身份证"),
    DocumentType.OVERSEAS_CHINESE_PASSPORT: _l("华侨护照"),
    DocumentType.HK_MACAO_PERMIT: _l("港澳居民来往内地通行证"),
    DocumentType.TAIWAN_PERMIT: _l("台湾居民来往大陆通行证"),
    DocumentType.FOREIGN_PERMANENT_RESIDENT: _l("外国人永久居留身份证"),
    DocumentType.PASSPORT: _l("普通护照"),
    DocumentType.RESIDENCE_PERMIT: _l("港澳台居民居住证"),
}

STEPS = {
    "phone": _l("手机验证"),
    "document": _l("证件核验"),
    "face": _l("人脸核验"),
    "evidence": _l("受诉法院和证件照片"),
    "video": _l("录制视频"),
    "immigration": _l("移民局认证"),
    "court_review": _l("法院审核"),
    "signature": _l("预留签名"),
}

FILMED = ("face", "video")
"""The steps at which a film is handed in."""

GESTURES = {
    Gesture.TURN_LEFT: _l("慢慢向左转头"),
    Gesture.TURN_RIGHT: _l("慢慢向右转头"),
    Gesture.NOD: _l("慢慢点一下头"),
    Gesture.BLINK: _l("眨一下眼睛"),
    Gesture.OPEN_MOUTH: _l("张大嘴巴"),
}
"""What is asked of a payee before the camera; left and right are the payee's own."""

NUMBER_HINTS = {
    DocumentType.RESIDENT_ID: _l("身份证共 18 位，最后一位可能是 X。"),
    DocumentType.OVERSEAS_CHINESE_PASSPORT: _l("护照号码共 9 位，例如 E12345678。"),
    DocumentType.HK_MACAO_PERMIT: _l("通行证（回乡证）号码以 H 或 M 开头，例如 H12345678。"),
    DocumentType.TAIWAN_PERMIT: _l("通行证（台胞证）号码共 8 位数字。"),
    DocumentType.FOREIGN_PERMANENT_RESIDENT: _l("新证共 18 位数字，旧证是 3 个字母加 12 位数字。"),
    DocumentType.PASSPORT: _l("请填写护照资料页右上角的号码。"),
    DocumentType.RESIDENCE_PERMIT: _l("居住证共 18 位，以 81、82 或 83 开头。"),
}
"""How a number looks, for whoever is typing it."""

NUMBER = {
    NumberFault.EMPTY: _l("请输入证件号码。"),
    NumberFault.TOO_SHORT: _l("少了 %(missing)s 位：这种证件的号码共 %(length)s 位。"),
    NumberFault.TOO_LONG: _l("多了 %(extra)s 位：这种证件的号码最多 %(length)s 位。"),
    NumberFault.BAD_CHARACTER: _l("号码里有不该出现的字符，请只输入证件上的字母和数字。"),
    NumberFault.BAD_FORM: _l("这不是所选证件的号码，请对照证件检查，或者换一种证件类型。"),
    NumberFault.CHECK_DIGIT: _l("号码有误，可能输错了一位，或者相邻两位颠倒了。请对照证件再检查一遍。"),
    NumberFault.NO_SUCH_DATE: _l("号码里的出生日期不存在，请检查第 7 至 14 位。"),
    NumberFault.FUTURE_DATE: _l("号码里的出生日期还没有到，请检查第 7 至 14 位。"),
    NumberFault.TOO_OLD: _l("号码里的出生日期太早，请检查第 7 至 14 位。"),
    NumberFault.NO_SUCH_PROVINCE: _l("号码的前两位有误，请对照证件检查。"),
    NumberFault.HK_ID_CARD: _l("这是香港身份证的号码。请填写港澳居民来往内地通行证（回乡证）的号码，以 H 或 M 开头。"),
    NumberFault.TW_ID_CARD: _l("这是台湾身份证的号码。请填写台湾居民来往大陆通行证（台胞证）的号码，共 8 位数字。"),
    NumberFault.SAR_PASSPORT: _l("这是特区护照的号码。请选择港澳居民来往内地通行证，并填写通行证的号码。"),
    NumberFault.OUTBOUND_PERMIT: _l("这是内地居民往来港澳通行证的号码。内地居民请选择居民身份证。"),
    NumberFault.OTHER_DOCUMENT: _l("这是%(document)s的号码，请改选证件类型“%(document)s”。"),
}


def number_words(checked: CheckedNumber) -> str:
    """What is wrong with a number, with its counts and names filled in."""
    if checked.fault is None:
        return ""
    details: dict[str, Any] = dict(checked.details)
    if "looks_like" in details:
        details["document"] = str(DOCUMENT_TYPES[DocumentType(details["looks_like"])])
    words = str(NUMBER[checked.fault])
    return words % details if "%(" in words else words


NAME = {
    NameFault.EMPTY: _l("请输入姓名。"),
    NameFault.TOO_SHORT: _l("姓名只有一个字，请输入完整的姓名。"),
    NameFault.TOO_LONG: _l("姓名太长，最多 80 个字符。"),
    NameFault.DIGIT: _l("姓名里有数字，请检查。"),
    NameFault.BAD_CHARACTER: _l("姓名里有不该出现的符号，请按证件上的写法填写。"),
}

STROKES = {
    StrokeFault.BLANK: _l("还没有签名，请在框内手写您的姓名。"),
    StrokeFault.DOT: _l("笔画太少，请完整写下您的姓名。"),
    StrokeFault.BROKEN: _l("签名没有传完整，请再签一次。"),
}

CHOSEN = ("court:", "account:")
"""What begins the codes that a clerk chooses, which a court may put into its own words."""

SOON = timedelta(days=90)
AT_DOCUMENT = frozenset(
    {
        "authority:name_mismatch",
        "authority:no_record",
        "photo:name_differs",
        "photo:number_differs",
        "photo:expired",
    }
)
"""Refusals of later steps that another film or photo alone doesn't mend: they lead to the document's name and number."""

REASONS: dict[str, Any] = {
    "face:no_face": _l("照片里没有看到脸，请正对摄像头，不要遮挡。"),
    "face:many_faces": _l("照片里不止一张脸，请一个人拍。"),
    "face:too_small": _l("脸离得太远，请靠近一些。"),
    "face:cut_off": _l("脸没有拍完整，请把整张脸放进椭圆里。"),
    "face:too_dark": _l("光线太暗，请到亮一些的地方。"),
    "face:too_bright": _l("光线太强，请避开直射的光。"),
    "face:blurred": _l("照片模糊，请拿稳手机，保持不动。"),
    "face:turned_away": _l("脸没有正对摄像头，请看着屏幕。"),
    "face:eyes_closed": _l("眼睛闭着，请睁开眼睛看着屏幕。"),
    "face:covered": _l("脸被遮住了，请摘下口罩和墨镜，露出整张脸。"),
    "face:no_film": _l("现在改为录制一段人脸视频，请录好后再提交。"),
    "live:unclear": _l("没有一直看清您的脸。请在光线好的地方，让脸一直在椭圆里。"),
    "live:frozen": _l("画面停住不动了，请重新录制。"),
    "live:swapped": _l("视频里前后不是同一张脸。请本人一个人录完整段视频。"),
    "live:unsure": _l("看不清前后是不是同一张脸。请在光线好的地方再录一次。"),
    "live:too_slow": _l("画面不够连贯，看不出眨眼。已经换了别的动作，请再录一次。"),
    "live:other": _l("动作的顺序不对，或者多做了别的动作。请按提示一个一个地做。"),
    "live:replayed": _l("这段视频以前交过了。请现在重新录一段。"),
    "live:turn_left": _l("没有看到“向左转头”。请等提示出现再做，动作可以大一些；也可以换一个动作。"),
    "live:turn_right": _l("没有看到“向右转头”。请等提示出现再做，动作可以大一些；也可以换一个动作。"),
    "live:nod": _l("没有看到“点头”。请等提示出现再做，动作可以大一些；也可以换一个动作。"),
    "live:blink": _l("没有看到“眨眼”。请等提示出现再做，眼睛闭上再睁开；也可以换一个动作。"),
    "live:open_mouth": _l("没有看到“张嘴”。请等提示出现再做，嘴可以张大一些；也可以换一个动作。"),
    "live:none": _l("没有要求做动作，请看视频判断是不是本人。"),
    "authority:no_match": _l("拍到的人脸与登记的照片不一致。请本人在光线好的地方再试；仍不行，可以改由法院审核。"),
    "authority:name_mismatch": _l("姓名与身份证号码不一致，请返回上一步检查姓名和号码。"),
    "authority:no_record": _l("没有查到这个身份证号码，请返回上一步检查；号码无误的，可以改由法院审核。"),
    "authority:no_portrait": _l("登记的资料里没有您的照片，不能比对。请改由法院审核。"),
    "authority:poor_picture": _l("照片不够清楚，请在光线好的地方再拍一次。"),
    "authority:not_live": _l("没有通过真人检测，请本人对着摄像头再拍一次。"),
    "authority:limit_reached": _l("今天的核验次数已用完，请明天再试，或者改由法院审核。"),
    "photo:too_small": _l("照片太小，看不清字。请靠近一些，让证件占满画面。"),
    "photo:too_dark": _l("照片太暗，请到亮一些的地方重新拍。"),
    "photo:too_bright": _l("照片太亮，请避开直射的光重新拍。"),
    "photo:blurred": _l("照片模糊，请拿稳手机重新拍。"),
    "photo:glare": _l("证件上有反光，请换个角度重新拍。"),
    "photo:no_document": _l("照片里没有看清证件，请让证件占满画面重新拍。"),
    "photo:number_unread": _l("照片上的证件号码没有看清，请让证件占满画面、避开反光，重新拍。"),
    "photo:nothing_read": _l(
        "照片上没有读到这种证件的内容。请看看是不是拍成了别的证件，再拍一次；再次提交后由工作人员查看。"
    ),
    "photo:name_differs": _l("照片上的姓名与您填写的不一致。"),
    "photo:number_differs": _l("照片上的证件号码与您填写的不一致。请返回上一步检查号码，或者换一张本人证件的照片。"),
    "photo:expired": _l("证件已经过期。请换一份有效证件，从证件信息重新填写；正在换证的，请拨打法院电话。"),
    "video:not_a_video": _l("这个文件不能播放，请重新录制。"),
    "video:too_long": _l("视频超过 7 秒，请重新录制。"),
    "video:too_short": _l("视频不到 1 秒，请重新录制。"),
    "video:too_small": _l("视频画面太小，请换一个摄像头或重新录制。"),
    "video:no_face": _l("视频里没有看到脸，请正对摄像头重新录制。"),
    "immigration:number_unknown": _l("没有查到这个证件号码，请检查证件类型和号码。"),
    "immigration:name_differs": _l("姓名与证件不一致，请按证件上的写法填写。"),
    "immigration:nationality_differs": _l("国籍与证件不一致，请检查国籍。"),
    "immigration:expired": _l("证件已经过期，请使用有效的证件。"),
    "court:unclear": _l("证件照片不清楚。"),
    "court:differs": _l("填写的信息与证件不一致。"),
    "court:face": _l("视频里的人与证件照片不一致，或者看不清脸。"),
    "court:expired": _l("证件已经过期。"),
    "court:other": _l("请按补充说明修改。"),
}


def document_name(document_type: str | None) -> str:
    """A document type in words; empty while none is chosen."""
    return str(DOCUMENT_TYPES[DocumentType(document_type)]) if document_type else ""


def reason_code(reason: str | None) -> str:
    """A refusal's code without a picture's field name before it."""
    return (reason or "").split("/")[-1]


def reason_text(reason: str | None, words: str | None = None) -> str:
    """A refusal in words: the code's own, then what the clerk added. A picture's field name before the code is dropped."""
    code = reason_code(reason)
    return with_words(chosen_words(code, str(REASONS.get(code, ""))), words)


def chosen_words(code: str, product: str) -> str:
    """A reason in the reader's language: the court's words where it wrote some, the product's, else the court's nearest."""
    if not code.startswith(CHOSEN):
        return product
    language = str(get_locale())
    return reason_words(code, language) or product or reason_words_near(code, language)


def with_words(known: str, words: str | None) -> str:
    """A reason's own words, then what a clerk added."""
    between = " " if known and known[-1].isascii() else ""
    return f"{known}{between}{words}" if words else known


def validity_words(readings: Iterable[Mapping[str, Any]], *, today: date) -> str:
    """Words on a document that has expired or will within ninety days, as far as its last day was surely read; else ""."""
    days = [reading.get("fields", {}).get("expiry_date", "") for reading in readings]
    last_day = min(map(date.fromisoformat, filter(None, days)), default=None)
    if last_day is None or last_day - today > SOON:
        return ""
    if last_day < today:
        return str(REASONS["photo:expired"])
    return str(_("证件将在 %(day)s 到期。请尽快换领新证，以免影响领款。", day=last_day.isoformat()))
