"""The words that dates are written with: months and weekdays in many languages."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache

from transforms.text.date_calendars import PERSIAN_MONTHS
from transforms.text.date_names import LOCALES, date_names
from transforms.text.words import fold_script

_MORE_MONTHS = {
    "sept": 9, "sett": 9, "setiembre": 9, "mrt": 3, "ags": 8, "agt": 8, "nop": 11, "janvari": 1,
    "februari": 2, "aprili": 4, "maija": 5, "junija": 6, "julija": 7, "septembri": 9, "oktobri": 10,
    "novembri": 11, "decembri": 12,
    **dict.fromkeys(map(fold_script, ("জানুয়ারি", "জানু")), 1),
    **dict.fromkeys(map(fold_script, ("ফেব্রুয়ারি", "ফেব্রু")), 2),
    fold_script("আগষ্ট"): 8,
    **{fold_script(name): n for name, n in (("می", 5), ("جولای", 7), ("آگوست", 8), ("اگست", 8))},
}  # fmt: skip
"""Spellings that CLDR does not have, or has for one language of several."""

_MORE_WEEKDAYS = (
    *(
        "tues",
        "weds",
        "thur",
        "thurs",
        "周一",
        "周二",
        "周三",
        "周四",
        "周五",
        "周六",
        "周日",
        "週一",
    ),
    *("週二", "週三", "週四", "週五", "週六", "週日", "星期天", "jumat", "minggu", "ahad"),
)

_SHORT_WORDS = """
    a ab alle am as at à às um uhr uur d de del den der di dia die el em er g gada godz h kell kl
    klo l la le les lúc m mes min n nd o ob om on of ora ore orë p plkst rd s saat st t th the u v
    val ě в г год года году рік року р ч час у вж ж жыл º ª ngày năm น เวลา วันที่ ที่ พศ คศ
    ই লা রা ঠা শে খ্রি ইং খ্রিস্টাব্দ في من يوم م ش ه هجری شمسی ساعت الساعة الموافق لـ ل ماه میلادی
    las hs hrs pukul jam ng ika mėn god godine године godina yil жылғы жылы ວັນທີ
"""
_LABELS = """
    date dated time first publish published last updated update posted created stand erstellt
    publié mis jour actualisé publicado actualizado atualizado publicat pubblicato aggiornato
    veröffentlicht aktualisiert gepubliceerd bijgewerkt publicerad uppdaterad publiceret
    opdateret publisert oppdatert julkaistu päivitetty dodano opublikowano aktualizacja
    publikováno zveřejněno aktualizováno опубликовано обновлено опубліковано оновлено
    diterbitkan dipublikasikan tayang diperbarui yayınlanma güncelleme güncellenme tarihi giriş
    yayın eklenme oluşturulma haber 发布 发布于 发布时间 发布日期 发表时间 更新 更新于 更新时间
    發布時間 發布日期 更新時間 日期 时间 時間 公開 公開日 公開日時 更新日 更新日時 掲載 掲載日
    配信 投稿日 입력 수정 등록 승인 기사입력 입력시간 게시일 작성일 প্রকাশ প্রকাশঃ প্রকাশিত
    আপডেট তারিখ เผยแพร่ نشر تاريخ انتشار آخر تحديث
"""
GLUE = frozenset(map(fold_script, f"{_SHORT_WORDS} {_LABELS}".split()))
"""Words that may stand between the parts of a date and change nothing, folded."""

_VOWELS = r"\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e\u0eb1-\u0ecd\u102b-\u109f\u17b4-\u17d3"
WORD = rf"(?:[^\W\d_]|[{_VOWELS}])+"
"""A word; in the scripts of South and South-East Asia vowels may be marks, which are no letters."""

_Months = Mapping[int, frozenset[str]]


def months_of(word: str) -> _Months:
    """Return the months, 1 to 12, that a folded word names, each with the languages in which.

    English outranks others, and a whole name or abbreviation the first three letters of one.

    >>> sorted(months_of("may")), sorted(months_of("listopada"))
    ([5], [10, 11])
    """
    if word in _MORE_MONTHS:
        return {_MORE_MONTHS[word]: frozenset()}
    tables = (_english_months(), _months(), _starts_of_months())
    forms = (word, word.removeprefix("ב"))  # "in", in Hebrew
    return next((table[form] for table in tables for form in forms if form in table), {})


def month_of(word: str) -> int | None:
    """Return the month that a folded word names, `None` if it names none or several."""
    months = months_of(word)
    return next(iter(months)) if len(months) == 1 else None


def is_weekday(word: str) -> bool:
    """Return whether a folded word names a day of the week, or abbreviates it."""
    return word in _weekdays()


def weekday_languages(word: str) -> frozenset[str]:
    """Return the languages in which a folded word names a day of the week."""
    return _weekdays().get(word, frozenset())


def is_thai(word: str) -> bool:
    """Return whether a word is in Thai script."""
    return "\u0e00" <= word[:1] <= "\u0e7f"


def is_known(word: str) -> bool:
    """Return whether a folded word is a part of dates: a month, a weekday, or glue."""
    return bool(word in GLUE or is_weekday(word) or word in PERSIAN_MONTHS or months_of(word))


@cache
def _english_months() -> dict[str, _Months]:
    return _collected(("en",), lambda name: (name, name[:3]))


@cache
def _months() -> dict[str, _Months]:
    return _collected(LOCALES, lambda name: (name,))


@cache
def _starts_of_months() -> dict[str, _Months]:
    return _collected(LOCALES, lambda name: (name[:3],))


def _collected(
    locales: tuple[str, ...], forms: Callable[[str], tuple[str, ...]]
) -> dict[str, _Months]:
    """Return words -> month -> languages, from names in all widths."""
    found: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for locale in locales:
        for month, names in enumerate(date_names()[locale].months, 1):
            for word in (word for name in names for word in forms(name)):
                if re.fullmatch(WORD, word) and (len(word) > 2 or not word.isascii()):
                    found[word][month].add(locale)
    return {
        word: {month: frozenset(languages) for month, languages in months.items()}
        for word, months in found.items()
    }


@cache
def _weekdays() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {word: set() for word in map(fold_script, _MORE_WEEKDAYS)}
    for locale, names in date_names().items():
        for name in names.weekdays:
            for word in re.findall(WORD, name.replace("วัน", "")):
                found.setdefault(word, set()).add(locale)
    return {word: frozenset(languages) for word, languages in found.items()}
