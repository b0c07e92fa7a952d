"""Words that say what happened at the date beside them, in the languages of papers."""

import re

UPDATED = re.compile(
    r"updat|modif|revis|edited|correct|aktualis|geändert|stand:|mis[e]? à jour|maj\b(?! \d{4})"
    r"|actualiz|actualis|actualitz|aggiorna|atualiza|bijgewerkt|gewijzigd|oppdater|uppdater|opdater|ændret|endret"
    r"|ändrad|päivit|muokattu|aktualiz|zmodyf|frissít|módosít|ενημέρ|güncel|обновл|измен|оновл|актуализ"
    r"|ažurir|izmijenj|izmenj|ажурир|posodob|uppfær|uuendatud|muudetud|atjaunin|atnaujin|përditës"
    r"|eguneratu|diperbarui|dikemas ?kini|cập nhật|อัปเดต|อัพเดท|ปรับปรุง|แก้ไข|修正|更新|修改|수정|최종"
    r"|تحديث|به.?روز|بروزرسانی|ویرایش|עודכן|עדכון|अपडेट|संशोधित|আপডেট|হালনাগাদ",
    re.IGNORECASE,
)
"""An article was changed."""

PUBLISHED = (
    r"publi[scćk]|pubbli|posted|erstver|first publ|originally"
    r"|veröffentl|erstellt|gepubli|julkais|опубл|δημοσ|yayın|közzé|zveřejn"
    r"|objavlj|објав|diterbit|đăng|เผยแพร่|公開|発表|配信|掲載|发布|發布|입력|등록|نشر|انتشار|פורסם|प्रकाशित|প্রকাশ"
)
"""A pattern: it was published."""

BEFORE_PRINT = re.compile(
    r"(?:received|accepted|submitted|eingereicht|eingegangen|angenommen|reçu|accepté|soumis|recibido"
    r"|aceptado|enviado|ricevuto|accettato)\b(?! (?:by|von|par|por|da)\b)",
    re.IGNORECASE,
)
"""What happens to an article of a journal before it is published."""

LABELLED = re.compile(
    rf"(?=(?<!\w)(?:{UPDATED.pattern}|{PUBLISHED}|{BEFORE_PRINT.pattern}))", re.IGNORECASE
)
"""Where a part of a line begins that says which date stands in it."""
