"""What the public page says of each standing: a headline, an explanation, and how it looks."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.genuine.queries import Standing

WORDS = {
    Standing.CURRENT: (_l("真实有效"), _l("这是法院系统签发的确认书，目前有效。"), "ok"),
    Standing.SIGNING: (_l("正在生成"), _l("这份确认书已经签署，文件正在生成，请稍后再查。"), "wait"),
    Standing.REPLACED: (_l("已被替代"), _l("这份确认书是真实的，但已经被替代或退回，不再有效。"), "bad"),
    Standing.UNKNOWN: (_l("没有找到"), _l("法院系统里没有这份确认书。请检查核验码；如果收到的是文件，请直接上传文件核验。"), "bad"),
    Standing.CHANGED: (_l("文件被改动过"), _l("文件上的法院电子印章已经失效：盖章之后内容被改动或添加过。请不要采信。"), "bad"),
    Standing.FOREIGN: (_l("不是本院的印章"), _l("文件上有电子印章，但不是本院的。请不要采信。"), "bad"),
    Standing.NO_LETTER: (_l("不是确认书"), _l("文件上没有法院的电子印章。打印后扫描或拍照的确认书，请输入上面的核验码来查。"), "bad"),
}  # fmt: skip

WHOLE = _l("您上传的文件与法院签发的文件逐字节相同。")
ONLY_A_CODE = _l("这里只说明核验码属于哪份确认书。要确认文件没有被改动，请上传收到的 PDF 文件。")
