"""The people of a demo. Their numbers use region 440301 with made-up dates, and phones of the range 100…, which is nobody's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One payee: `number` has right check digits, `card` is of the specimen bank."""

    name: str
    document_type: str
    number: str
    nationality: str
    phone: str
    card: str
    note: str


@dataclass(frozen=True, slots=True)
class DemoClerk:
    """One member of the staff, with a password that only a demo may have."""

    username: str
    display_name: str
    password: str
    role: str


CLERKS = (
    DemoClerk("limin", "李敏", "demo-limin-2026", "reviewer"),
    DemoClerk("wangfang", "王芳", "demo-wangfang-2026", "manager"),
    DemoClerk("zhaojun", "赵军", "demo-zhaojun-2026", "manager"),
    DemoClerk("auditor", "审计员", "demo-auditor-2026", "auditor"),
    DemoClerk("admin", "孙丽", "demo-sunli-2026", "administrator"),
)

PEOPLE = (
    DemoPerson(
        "何志豪", "resident_id", "440301198501010014", "CHN", "+8610000000001", "6299990000000000012", "一切顺利"
    ),
    DemoPerson(
        "欧阳䶮", "resident_id", "44030119850101009X", "CHN", "+8610000000002", "6299990000000000020", "姓名含生僻字"
    ),
    DemoPerson(
        "阿卜来提·如则托合提",
        "resident_id",
        "440301199003070019",
        "CHN",
        "+8610000000003",
        "6299990000000000038",
        "姓名含间隔号",
    ),
    DemoPerson(
        "陈大文",
        "hk_macao_permit",
        "H12345678",
        "CHN",
        "+8610000000004",
        "6299990000000000046",
        "移民局认证，银行转人工",
    ),
    DemoPerson("林美玲", "taiwan_permit", "12345678", "CHN", "+8610000000005", "6299990000000000053", "移民局认证"),
    DemoPerson(
        "周海", "overseas_chinese_passport", "EA1234567", "CHN", "+8610000000006", "6299990000000000061", "华侨护照"
    ),
    DemoPerson(
        "SMITH JOHN",
        "foreign_permanent_resident",
        "911124198108030024",
        "CAN",
        "+8610000000007",
        "6299990000000000079",
        "外国人永久居留身份证",
    ),
    DemoPerson(
        "MUELLER ANNA KATHARINA",
        "passport",
        "C01X00T47",
        "DEU",
        "+8610000000008",
        "6299990000000000087",
        "普通护照，法院审核",
    ),
)
