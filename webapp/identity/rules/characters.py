"""Characters that stand for each other in names: traditional and simplified, rare and replaced.

Banks and old registers write one of them for the other. Only for calling two names alike, never
for changing one: 鍾 and 鐘 are different names although both are simplified to 钟.
"""

from __future__ import annotations

from types import MappingProxyType

# common surnames and characters of given names, traditional then simplified
_TRADITIONAL = (
    "張张陳陈劉刘楊杨黃黄趙赵吳吴孫孙馬马鄭郑謝谢許许韓韩馮冯鄧邓蕭萧蔣蒋葉叶蘇苏呂吕盧卢賈贾鍾钟鐘钟"
    "譚谭陸陆範范廖廖韋韦顧顾龍龙萬万錢钱湯汤黎黎賀贺賴赖龔龚龐庞顏颜倪倪嚴严溫温蘆芦齊齐魯鲁畢毕聶聂"
    "莊庄關关喬乔鄒邹歐欧陽阳鄔邬鄺邝閆闫閻阎單单駱骆饒饶竇窦紀纪連连鮑鲍祿禄藍蓝閔闵兗兖簡简嶽岳勞劳"
    "國国華华麗丽偉伟軍军傑杰強强濤涛寶宝靜静東东曉晓瑋玮蘭兰鳳凤飛飞婭娅詠咏儀仪詩诗夢梦潔洁瑩莹穎颖"
    "彥彦維维緯纬銘铭鋒锋鋼钢鑫鑫銳锐錦锦鎮镇鐵铁鴻鸿鵬鹏鶴鹤麟麟榮荣義义禮礼學学賢贤遠远達达運运進进"
    "輝辉煒炜煥焕燦灿燁烨愛爱慶庆應应懷怀憲宪樹树棟栋權权歡欢澤泽濱滨瀾澜淵渊潤润滿满漢汉灣湾獻献瑤瑶"
    "瓊琼璽玺環环畫画發发盛盛禎祯種种穩稳競竞筆笔納纳紅红純纯紹绍綺绮綠绿緒绪縉缙繼继續续聖圣聰聪"
    "聲声職职肅肃興兴舉举莉莉芸芸蓮莲薔蔷藝艺虹虹衛卫裕裕覺觉親亲觀观訓训誠诚調调諾诺謙谦證证豐丰財财"
    "貞贞貴贵質质贊赞躍跃車车軒轩載载輕轻邁迈鄉乡鈞钧鈺钰鋆鋆開开閣阁闊阔際际隨随雙双雲云霽霁順顺頌颂"
    "頡颉領领頻频題题願愿風风馳驰駿骏騰腾驍骁驊骅魚鱼鯤鲲鴿鸽鷹鹰黨党齡龄嬌娇嫻娴孃娘寧宁實实將将專专"
    "羅罗費费項项婁娄樂乐邊边談谈賓宾鞏巩諸诸書书業业億亿優优鈕钮儲储傳传"
    "導导屆届島岛峰峰巖岩師师帥帅廣广廈厦彈弹徵征恆恒惠惠懿懿戰战揚扬攜携敏敏時时暉晖曄晔會会機机氣气"
)
_RARE = "䶮龑㛃洁𬎆玮𬱖頔喆哲昇升陞升堃坤祐佑濬浚異异峯峰羣群畧略"
_ORIGINAL = MappingProxyType(
    {
        pairs[i]: pairs[i + 1]
        for pairs in (_TRADITIONAL, _RARE)
        for i in range(0, len(pairs), 2)
        if pairs[i] != pairs[i + 1]
    }
)


def plain_character(character: str) -> str:
    """The commonest character that may stand for this one; itself when there is none."""
    once = _ORIGINAL.get(character, character)
    return _ORIGINAL.get(once, once)
