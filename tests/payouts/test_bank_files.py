"""What goes to the bank and what comes from it, as bytes: formats, control sums, headings, reasons; and sharing to the fen."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import python_calamine
import xlsxwriter
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs7 import pkcs7_decrypt_der
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.core.cells import guarded
from webapp.core.sheets import sheet
from webapp.ledger.reasons import Follows, find_reason, reasons
from webapp.ledger.rules import Answer, Effect, LineState, divide, effect_of, part_of
from webapp.ledger.words import REASONS
from webapp.payouts.answers import UnreadableResult, read_answers
from webapp.payouts.envelopes import for_certificate, new_password, pack, with_password
from webapp.payouts.rules import Payment, control_of
from webapp.payouts.templates import DoesNotFit, Template, templates

PAYMENTS = [
    Payment(1, "ABCDEFGH0000001", "何志豪", "6299990000000000012", 120_000, "样本银行", "102100099996", "深圳福田支行", "（2023）粤0399执1234号"),
    Payment(2, "ABCDEFGH0000002", "欧阳䶮", "6299990000000000020", 1, "样本银行", "", "深圳,南山\"支行", "（2023）粤0399执1234号"),
]  # fmt: skip
CONTROL = control_of(PAYMENTS)


@pytest.mark.parametrize("template", templates().values(), ids=lambda t: t.code)
def test_every_template_holds_account_name_and_amount_of_each_line(template: Template) -> None:
    data = template.write(PAYMENTS, CONTROL, "20261123-ABCDEFGH")
    if template.kind == "xlsx":
        rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
        text = "\n".join("|".join(map(str, row)) for row in rows)
    else:
        text = data.decode(template.encoding)
    for payment in PAYMENTS:
        assert payment.account in text
        assert payment.name in text
        assert payment.export_no in text
    assert ("1200.00" in text) or ("0000000000120000" in text)


def test_a_csv_reads_back_whatever_stands_in_a_branch() -> None:
    data = templates()["csv-gb18030"].write(PAYMENTS, CONTROL, "b").decode("gb18030")
    rows = list(csv.DictReader(io.StringIO(data, newline="")))
    assert [row["开户支行"] for row in rows] == ["深圳福田支行", '深圳,南山"支行']


def test_a_line_of_fixed_width_has_every_column_where_the_bank_looks_for_it() -> None:
    lines = templates()["fixed"].write(PAYMENTS, CONTROL, "20261123").decode("gb18030").encode("gb18030").split(b"\r\n")
    body = lines[1]
    assert (len(body), body[20:52].strip(), body[52:112].decode("gb18030").strip(), body[112:128]) == (
        260,
        b"6299990000000000012",
        "何志豪",
        b"0000000000120000",
    )
    assert lines[3].decode() == f"T{2:>8}{120_001:>18}{CONTROL.sha256}"


def test_a_separator_inside_a_name_is_never_sent() -> None:
    bad = [Payment(1, "ABCDEFGH0000001", "何|志豪", "62", 1, "b", "", "br", "r")]
    with pytest.raises(DoesNotFit):
        templates()["pipes"].write(bad, control_of(bad), "b")


def test_a_name_too_long_for_the_file_is_never_cut() -> None:
    long = [Payment(1, "ABCDEFGH0000001", "阿" * 31, "62", 1, "b", "", "br", "r")]
    assert not templates()["fixed"].fits("阿" * 31, "br")
    with pytest.raises(DoesNotFit):
        templates()["fixed"].write(long, control_of(long), "b")


def test_the_control_sum_tells_every_change() -> None:
    first = PAYMENTS[0]
    changed = [Payment(1, first.export_no, first.name, first.account[:-1] + "3", 120_000, "", "", "", "")]
    sums = {
        control_of(PAYMENTS).sha256,
        control_of(PAYMENTS[:1]).sha256,
        control_of(changed).sha256,
        control_of(PAYMENTS[::-1]).sha256,
    }
    assert len(sums) == 4


def test_an_envelope_for_the_banks_certificate_opens_with_its_key_alone(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bank")])
    now = datetime(2026, 11, 1, tzinfo=UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    certificate = made.not_valid_before(now).not_valid_after(now + timedelta(days=9)).sign(key, hashes.SHA256())
    (tmp_path / "bank.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    packed = pack({"a.csv": "何志豪".encode()})
    sealed = for_certificate(packed, tmp_path / "bank.pem")
    assert b"a.csv" not in sealed
    assert pkcs7_decrypt_der(sealed, certificate, key, []) == packed
    assert key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) not in sealed


def test_a_zip_with_a_password_shows_nothing_without_it() -> None:
    password = new_password()
    data = with_password(pack({"a.csv": b"secret " * 50}), password)
    with zipfile.ZipFile(io.BytesIO(data)) as archive, pytest.raises((RuntimeError, NotImplementedError)):
        archive.read("a.csv")
    assert b"secret" not in data
    assert len({new_password() for _ in range(50)}) == 50


@pytest.mark.parametrize(
    ("headings", "encoding"),
    [
        ("客户参考号,收款账号,金额,交易状态,失败原因", "gb18030"),
        ("业务参考号;收款人账号;交易金额(元);处理结果;退汇原因", "utf-8"),
        ("Reference\tAccount\tAmount\tStatus\tReason", "utf-8-sig"),
        ("序号|客户参考号|收款账号|金额（元）|状态|返回信息", "gb18030"),
        ("客户参考号\t收款账号\t金额\t状态\t原因", "utf-16"),
    ],
)
def test_a_result_is_read_whatever_the_bank_calls_its_columns(headings: str, encoding: str) -> None:
    mark = next(m for m in ",;\t|" if m in headings)
    cells = ["ABCDEFGH0000001", "6299990000000000012", "1,200.00", "交易失败", "户名不符"]
    if mark == ",":
        cells[2] = "1200.00"
    if headings.startswith("序号"):
        cells.insert(0, "1")
    text = f"某银行代发结果\n\n{headings}\n{mark.join(cells)}\n"
    [row] = read_answers(text.encode(encoding))
    assert (row.row, row.export_no, row.amount, row.answer, row.words) == (
        4,
        "ABCDEFGH0000001",
        120_000,
        Answer.FAILED,
        "户名不符",
    )


def test_an_xlsx_result_is_read_also_with_numbers_that_a_spreadsheet_rounded() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet()
    page.write_row(0, 0, ["客户参考号", "收款账号", "金额", "状态"])
    page.write_row(1, 0, ["ABCDEFGH0000001", 6299990000000000012, 1200, "成功"])
    book.close()
    [row] = read_answers(out.getvalue())
    assert (row.export_no, row.amount, row.answer) == ("ABCDEFGH0000001", 120_000, Answer.PAID)


RESULT = [["客户参考号", "状态"], ["ABCDEFGH0000001", "成功"]]


def sheets(*pages: list[list[str]], hidden: int | None = None) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    for at, rows in enumerate(pages):
        page = book.add_worksheet()
        for place, row in enumerate(rows):
            page.write_row(place, 0, row)
        if at == hidden:
            page.hide()
    book.close()
    return out.getvalue()


def test_a_result_behind_a_cover_is_read() -> None:
    cover = [["代发结果", "某银行"], ["状态说明见附件"]]
    [row] = read_answers(sheets(cover, RESULT, [["附注"]]))
    assert (row.row, row.export_no, row.answer) == (2, "ABCDEFGH0000001", Answer.PAID)


@pytest.mark.parametrize("hidden", [None, 2])
def test_results_on_two_sheets_are_refused_by_their_names(hidden: int | None) -> None:
    with pytest.raises(UnreadableResult) as refused:
        list(read_answers(sheets([["封面"]], RESULT, RESULT, hidden=hidden)))
    assert (refused.value.code, refused.value.detail) == ("sheets", "Sheet2、Sheet3")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 no zip", "damaged"),
        ("姓名,电话\n何,1\n".encode(), "no_headings"),
        (b"\xff\xff\xff\xff", "encoding"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_excel"),
        ("客户参考号,状态\nABCDEFGH0000001,成功\n".encode("utf-16")[:-1], "damaged"),
    ],
)
def test_what_is_no_result_file_is_told(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableResult, match=why):
        list(read_answers(data))


def test_every_reason_has_words_and_a_consequence() -> None:
    assert set(reasons()) == set(REASONS)
    assert reasons()["ACCOUNT_CLOSED"].follows is Follows.ASK
    assert reasons()["TIMEOUT"].follows is Follows.WAIT
    assert reasons()["INSUFFICIENT_FUNDS"].follows is Follows.AGAIN
    assert reasons()["DUPLICATE"].follows is Follows.LOOK


@pytest.mark.parametrize(
    ("code", "words", "found", "follows"),
    [
        ("", "收款人账户已销户", "ACCOUNT_CLOSED", Follows.ASK),
        ("AC01", "", "NO_SUCH_ACCOUNT", Follows.ASK),
        ("RC0014", "", "NAME_MISMATCH", Follows.ASK),
        ("AG01", "", "OTHER", Follows.ASK),
        ("RC0005", "", "OTHER", Follows.LOOK),
        ("XYZ", "不明", "OTHER", Follows.LOOK),
        ("AC01", "此卡已挂失", "CARD_LOST", Follows.ASK),
        ("", "II类户超限额", "ACCOUNT_CLASS_LIMIT", Follows.ASK),
    ],
)
def test_a_banks_words_weigh_more_than_its_codes(code: str, words: str, found: str, follows: Follows) -> None:
    reason = find_reason(code, words)
    assert (reason.code, reason.follows) == (found, follows)


@settings(deadline=None, derandomize=True, database=None)
@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=60), st.data())
def test_a_divided_sum_adds_up_and_nobody_gets_more_than_their_claim(weights: list[int], data: st.DataObject) -> None:
    total = sum(weights)
    pot = data.draw(st.integers(0, total))
    parts = divide(pot, weights)
    assert sum(parts) == pot
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))
    if total:
        assert all(abs(part * total - pot * weight) < total for part, weight in zip(parts, weights, strict=True))


def test_a_sum_without_a_claim_is_refused() -> None:
    for pot, weights in ((1, [0]), (-1, [5]), (1, [-1, 5])):
        with pytest.raises(ValueError, match="claims"):
            divide(pot, weights)
    assert divide(0, [0, 0]) == [0, 0]
    assert (part_of(101, 350_000), part_of(3, 500_000)) == (35, 2)


@settings(deadline=None, derandomize=True, database=None)
@given(st.lists(st.sampled_from(Answer), max_size=12))
def test_no_history_of_answers_pays_what_came_back(answers: list[Answer]) -> None:
    state = LineState.LIVE
    for answer in answers:
        effect = effect_of(state, answer)
        if state is LineState.RETURNED:
            assert effect in (Effect.NOTHING, Effect.CONFLICT), "only a person may say that it arrived after all"
        if effect in (Effect.PAY, Effect.WAIT, Effect.GIVE_BACK):
            state = LineState(effect.value)
    assert effect_of(LineState.CANCELLED, Answer.PAID) is Effect.UNSENT


def test_a_sheet_is_written_as_it_is_sent_and_holds_texts_alone() -> None:
    rows = [("编号", "姓名"), ("1", guarded("=1+1")), ("6299990000000000012", 'a<b>&\x00"c')]
    data = b"".join(sheet(iter(rows)))
    read = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert read == [["编号", "姓名"], ["1", "'=1+1"], ["6299990000000000012", 'a<b>&"c']]
