"""The names that data sets and tools give to the fields of an article: one table.

docs/operations.md lists it, held by a test. Case, spaces, accents and signs make no difference:
`publishedAt`, `published_at` and `Published At` are one name. A point leads into an object, or into
the first of a list: `headline.main`; a column may also be named so.
"""

import re
from collections.abc import Mapping

from transforms.text.words import fold

SUMMARY = "summary"
"""The field of `FIELDS` whose names hold an introduction, which stands in for a missing text."""

TIME = "time"
"""The field of `FIELDS` whose names hold a time of day, beside a date without one."""


_PLAIN = str.maketrans("ıłøđ", "ilod")
"""Letters without an accent to take away that many write without their stroke or as with a dot."""


def loose(name: str) -> str:
    """Return a name without case, accents, spaces and signs."""
    return re.sub(r"[\W_]", "", fold(name).translate(_PLAIN))


def listed(*lines: str) -> tuple[str, ...]:
    """Return the names in these lines, which commas part."""
    return tuple(name.strip() for line in lines for name in line.split(","))


RECORDED = listed(
    "timestamp, created_at, date_created, created, created_date, creation_date, created_time",
    "create_time",
    "ctime, pub_timestamp, time_created, time, seendate, crawl_date, crawled_at",
    "Erstellt, Erstellt am, creado, criado em, создано",
    "uploaded_at, added_at, first_seen, date_added",
)
"""Dates of a record that may say when it was stored or seen."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": listed(
        "id, guid, article_id, doc_id, document_id, item_id, news_id, story_id, post_id, uuid, uid",
        "internal_id, reference_id, accession_number",
    ),
    "title": listed(
        "title, headline, headline.main, headlines.basic, heading, title.rendered, article_title",
        "news_title, story_title, post_title, page_title, headline_text, fields.headline",
        "web_title",
        "name, title_page, title_rss, title_detail.value, metadata.title, subject",
        # German, French, Spanish and Portuguese, Italian, Dutch, the Nordic and Baltic languages
        "Titel, Überschrift, Schlagzeile, titre, título, titular, titulo noticia, encabezado",
        "titolo, kop, overskrift, otsikko, rubrik, antraštė, virsraksts, pealkiri, fyrirsögn",
        # Polish, Czech, Slovak, Hungarian, Romanian, South Slavic, Albanian, Greek, Turkish
        "tytuł, nagłówek, titulek, nadpis, název, názov, cím, titlu, naslov, titulli, τίτλος",
        "başlık, haber başlığı",
        # Indonesian, Malay, Vietnamese, Filipino, Swahili
        "judul, judul berita, tajuk, tiêu đề, pamagat, kichwa",
        # Russian, Ukrainian, Bulgarian, Georgian, Armenian
        "заголовок, название, назва, заглавие, наслов, სათაური, վերնագիր",
        # Arabic, Persian, Urdu, Hebrew, Hindi, Bengali, Tamil, Thai
        "العنوان, عنوان, عنوان الخبر, سرخی, تیتر, כותרת, शीर्षक, শিরোনাম, தலைப்பு",
        "หัวข้อ, หัวข้อข่าว, หัวข่าว, พาดหัว, ชื่อเรื่อง",
        # Chinese, Japanese, Korean
        "标题, 標題, 新闻标题, 新聞標題, 文章标题, タイトル, 見出し, 題名, 記事タイトル, 제목",
        "기사제목",
        "hed, h1, og_title, titletext, Titelzeile, Hauptüberschrift, manchete, nieuwskop",
        "tittel, cikkcím, наименование, başlığı, శీర్షిక, ಶೀರ್ಷಿಕೆ, ശീർഷകം, શીર્ષક, ਸਿਰਲੇਖ",
        "题目, 題目, headlines",
    ),
    "text": listed(
        "text, body, full_text, full_content, article_body, maintext, plain_text, article_text",
        "content_text, content_html, body_text, body_html, body_xhtml, content.rendered",
        "content_encoded",
        "content.content, content, content_elements, article, story, document, body.sections",
        "paragraphs, fields.body_text, fields.body, article_content, news_content, story_content",
        "news_text, main_content, raw_text, clean_text, cleaned_text, text_content",
        "article_html, article_body_html, news_article, transcript, body_content, body_plain",
        "full_article, news, post_content, page_content, extracted_text, raw_content, markdown",
        "selftext",
        "story_text, article_full_text, content_raw, summary.content, message, html, contents",
        "Inhalt, Artikel, Artikeltext, Volltext, Fließtext, Beitrag, Nachricht, texte, contenu",
        "corps, texte intégral, texto, contenido, cuerpo, texto completo, noticia, conteúdo",
        "corpo, testo, contenuto, articolo, tekst, inhoud, artikeltekst, innehåll",
        "brödtext, brødtekst, indhold, innhold, teksti, sisältö, tekstas, turinys, teksts, saturs",
        "sisu, treść, treść artykułu, artykuł, obsah, text článku, szöveg, tartalom, conținut",
        "sadržaj, vsebina, besedilo, teksti i plotë, κείμενο, περιεχόμενο, άρθρο, metin, içerik",
        "haber, haber metni, isi, isi berita, konten, berita, kandungan, nội dung, maudhui",
        "текст, содержание, текст статьи, текст новости, полный текст, статья, новость, зміст",
        "текст статті, съдържание, садржај, текст вести, النص, نص, نص الخبر, المحتوى, محتوى",
        "الخبر, متن, متن خبر, محتوا, متن کامل, תוכן, טקסט, पाठ, सामग्री, समाचार, লেখা",
        "বিষয়বস্তু, খবর, বিবরণ, உள்ளடக்கம், เนื้อหา, เนื้อหาข่าว, เนื้อข่าว, รายละเอียดข่าว, 正文",
        "内容, 內容, 新闻内容, 新聞內容, 文章内容, 全文, 文本, 本文, 記事本文, 記事, 본문, 내용",
        "기사내용",
        "기사본문",
        "full_story, processed_text, desarrollo, Haupttext, Nachrichtentext, Pressetext",
        "bericht, berichttekst, leipäteksti, uutinen, cikk, hír, articol, știre, vijest, вест",
        "новина, teks, المقال, مقال, مقاله, خبر, گزارش, खबर, लेख, সংবাদ, নিবন্ধ, செய்தி, కథనం",
        "వార్త, വാർത്ത, ข่าว, บทความ, 内文, 內文, 文章, 报道, 報導, ニュース, 뉴스, 기사",
    ),
    SUMMARY: listed(
        "description, summary, abstract, excerpt.rendered, excerpt, post_excerpt, lead, lede",
        "lead_paragraph, snippet, standfirst, dek, teaser, subtitle, subheadline",
        "short_description, desc, intro, introduction, highlights, fields.trail_text, trail_text",
        "fields.standfirst, description.basic, meta_description, metadata.description",
        "Zusammenfassung, Beschreibung, Vorspann, Untertitel, résumé, chapô, description courte",
        "resumen, bajada, descripción, entradilla, resumo, descrição, riassunto, descrizione",
        "sommario, samenvatting, omschrijving, sammanfattning, ingress, beskrivelse, streszczenie",
        "opis, perex, popis, összefoglaló, leírás, rezumat, descriere, sažetak, περίληψη, özet",
        "ringkasan, deskripsi, tóm tắt, mô tả, аннотация, описание, анонс, лид, опис, ملخص, الوصف",
        "خلاصه, لید, תקציר, सारांश, विवरण, সারাংশ, สรุป, คำโปรย, 摘要, 简介, 簡介, 导语, 描述, 要約",
        "概要, content_snippet",
        "リード, 説明, 요약, 설명",
    ),
    "date": listed(
        "published_at, date_published, published, publication_date, publish_date, published_date",
        "publishing_date, pub_date, first_published, first_publish_date, date_publish",
        "publish_time, published_time, published_on, publication_time, time_published",
        "web_publication_date, first_publication_date, issued, date_issued, date_gmt",
        "date_unixtime",
        "date_time_pub, post_date_gmt, news_date, story_date, article_date, post_date",
        "display_date, version_created, first_created, date, datetime, release_date",
        "published_parsed, published_utc, published_timestamp, posted, posted_at, posted_on",
        "upload_date, unix_time, epoch, metadata.date",
        "metadata.published_time, Datum, Veröffentlicht, Veröffentlicht am",
        "Veröffentlichungsdatum, Erscheinungsdatum, Erschienen, Erschienen am",
        "date de publication, date publication, date de parution, publié le, date article, fecha",
        "fecha de publicación, fecha publicación, fecha y hora, publicado, publicado el",
        "data de publicação, data publicação, data da publicação, publicado em, data e hora",
        "data di pubblicazione, data pubblicazione, pubblicato il, data e ora, publicatiedatum",
        "datum publicatie, gepubliceerd, gepubliceerd op, publiceringsdatum",
        "publicerad, dato, udgivet, udgivelsesdato, publisert, publiseringsdato, päivämäärä",
        "päiväys, julkaistu, julkaisupäivä, data publikavimo, publikavimo data, datums",
        "publicēts, kuupäev, data publikacji, opublikowano, datum vydání, publikováno",
        "dátum vydania, megjelenés, közzététel dátuma, data publicării, dată, datum objave",
        "datum objavljivanja, data e publikimit, ημερομηνία, ημερομηνία δημοσίευσης, tarih",
        "yayın tarihi, yayınlanma tarihi, tanggal, tanggal terbit, tanggal publikasi, tarikh",
        "ngày, ngày đăng, ngày xuất bản, petsa, tarehe, дата, дата публикации, дата и время",
        "дата выхода, опубликовано, дата публікації, опубліковано, дата на публикуване",
        "датум, датум објаве, თარიღი, ամսաթիվ, التاريخ, تاريخ النشر, تاريخ, تاریخ, تاریخ انتشار",
        "تاریخ اشاعت, תאריך, תאריך פרסום, दिनांक, तारीख, तिथि, प्रकाशन तिथि, তারিখ",
        "প্রকাশের তারিখ, தேதி, วันที่, วันที่เผยแพร่, วันเผยแพร่, วันที่ลงข่าว, 日期, 发布时间, 发布日期",
        "發布時間, 發布日期, 发表时间, 发表日期, 时间, 時間, 日付, 日時, 公開日, 公開日時, 掲載日",
        "発行日",
        "配信日時, 投稿日, 발행일, 날짜, 일자, 작성일, 게시일, 입력일, 등록일, 보도일자",
        "iso_date, date_posted, published_ts, pub_ts, online_date, utc_date, dt, Publikationsdatum",
        "Erscheinungstag, Datum Uhrzeit, Zeitpunkt, julkaisuaika, data dodania",
        "datum publikace, megjelenés dátuma, tarihi, tanggal rilis, প্রকাশের সময়, 公布日期",
        "報道日, 게재일, 보도일, 작성일자, 게시일자",
    ) + RECORDED,
    TIME: listed(
        "time, pub_time, publish_time, Uhrzeit, Zeit, heure, hora, hora de publicación, ora, tijd",
        "tid, klokkeslett, kellonaika, godzina, čas, idő, vrijeme, ώρα, saat, jam, waktu, giờ",
        "время, час, време, الوقت, وقت النشر, ساعت, שעה, समय, সময়, เวลา, 时间, 時間, 時刻, 시간",
        "시각",
    ),
    "modified": listed(
        "modified_at, date_modified, modified_gmt, modified, updated_at, date_updated, updated",
        "last_modified, modified_date, date_modify, lastmod, updated_date, update_date",
        "update_time, modified_time, last_updated, last_updated_date, post_modified_gmt",
        "post_modified, fields.last_modified, changed, changed_at, mtime, Aktualisiert",
        "Aktualisiert am, Geändert, Geändert am, Änderungsdatum, mis à jour, mis à jour le",
        "date de mise à jour, date de modification, actualizado, fecha de actualización",
        "fecha de modificación, atualizado, atualizado em, data de atualização, aggiornato",
        "data aggiornamento, data di modifica, bijgewerkt, gewijzigd, uppdaterad, opdateret",
        "oppdatert, päivitetty, data aktualizacji, zaktualizowano, aktualizováno, frissítve",
        "güncelleme tarihi, обновлено, дата обновления, дата изменения, оновлено, تاريخ التحديث",
        "更新时间, 更新時間, 更新日期, 更新日時, 更新日, 修改时间, 최종수정, 수정일",
    ),
    "url": listed(
        "canonical_url, url, link, web_url, article_url, permalink, href, uri, canonical.href",
        "alternate.href, news_url, page_url, post_url, story_url, source_url, metadata.url",
        "metadata.source_url, responded_url, requested_url, html.responded_url",
        "html.requested_url, story_permalink, links.permalink, source_link, original_url",
        "resolved_url, final_url, loaded_url, share_url, short_url, document_identifier, Adresse",
        "Webadresse, Link zum Artikel, lien, adresse web, enlace, vínculo, dirección web, endereço",
        "indirizzo, collegamento, länk, lenke, linkki, nuoroda, saite, odkaz, adres, hivatkozás",
        "legătură, poveznica, povezava, σύνδεσμος, bağlantı, tautan, pautan, đường dẫn, liên kết",
        "ссылка, адрес, ссылка на статью, посилання, връзка, الرابط, رابط, رابط الخبر, لینک",
        "לינק, קישור, लिंक, লিংক, ลิงก์, ลิงค์, 链接, 連結, 鏈接, 网址, 網址, 原文链接, リンク",
        "アドレス",
        "링크, 주소, 기사주소, 원문링크",
        "weblink, external_url, source_uri, linki, Quelle URL, 링크주소, main_entity_of_page",
        "main_entity_of_page.id",
        "links.href",
    ),
    "authors": listed(
        "authors, author, byline.original, byline, bylines, author_name, author_names, creator",
        "creators, by, written_by, post_author, writer, writers, reporter, reporters, journalist",
        "journalists, correspondent, contributors, published_by, credits.by, fields.byline",
        "story_authors, yoast_head_json.author, _embedded.author.name, author_detail.name",
        "thread.author, metadata.author, Autor, Autoren, Autorin, Verfasser, Von, auteur, auteurs",
        "autores, redactor, periodista, jornalista, autore, autori",
        "giornalista, schrijver, författare, forfatter, skribent, kirjoittaja, toimittaja",
        "autorius, autors, autorzy, szerző, autorul, novinar, avtor, συντάκτης",
        "συγγραφέας, αρθρογράφος, yazar, muhabir, penulis, wartawan, pengarang, tác giả, mwandishi",
        "автор, авторы, журналист, автори, аутор, الكاتب, كاتب, المؤلف, المحرر, نویسنده, خبرنگار",
        "מחבר, כתב, מאת, लेखक, संवाददाता, লেখক, প্রতিবেদক, ผู้เขียน, ผู้สื่อข่าว, 作者, 记者, 記者",
        "撰稿人",
        "著者, 筆者, 執筆者, 記者名, 기자, 기자명, 작성자, 저자, 글쓴이",
        "primary_author, primary_author.name, author_fullname, dc_creator, Verfasserin",
        "Autorenname, Redakteur, rédacteur, journaliste, autora, redattore, újságíró, yazarı",
        "jurnalis, phóng viên, nhà báo, रिपोर्टर, রিপোর্টার, 撰文, contributor, columnist",
        "editor, editors, 编辑, 編輯",
    ),
    "source": listed(
        "source, publisher, site_name, site, source_name, publication",
        "publication_name, publication_title, outlet, newspaper, media_name, source-hostname",
        "source_common_name",
        "container-title, feed.title, feed_title, origin.title, story_feed_title, thread.site",
        "fields.publication, provider.name, provider, html.source_info.publisher",
        "yoast_head_json.og_site_name",
        "metadata.site_name, hostname, domain, domain_name, source_domain, clean_url",
        "publisher_name, media_outlet, Quelle, Medium, Zeitung, Publikation, journal, média",
        "fuente, medio, diario, periódico, fonte, veículo, jornal, testata, giornale, bron, krant",
        "källa, tidning, kilde, lähde, šaltinis, avots, źródło, gazeta, zdroj, forrás, sursă",
        "izvor, vir, πηγή, εφημερίδα, kaynak, gazete, sumber, nguồn, báo, источник, издание",
        "сми, джерело, видання, източник, المصدر, الصحيفة, منبع, מקור, स्रोत, উৎস, সূত্র",
        "แหล่งที่มา, แหล่งข่าว, สำนักข่าว, 来源, 來源, 媒体, 媒體, 出典, 媒体名, 新聞社, 掲載紙, 출처",
        "언론사",
        "매체, 매체명",
    ),
    "section": listed(
        "section, section_name, article_section, sections, news_desk, desk, thread.section_title",
        "pillar_name, Ressort, Rubrik, rubrique, sección, seção, editoria, sezione, rubriek",
        "sektion, seksjon, dział, rubrika, rovat, secțiune, kategori, рубрика, раздел, القسم",
        "بخش, סעיף, หมวด, 栏目, 版块, 版面, セクション, 섹션, 분류, category, Kategorie, catégorie",
        "categoría, kategoria, категория, категорія, التصنيف",
        "หมวดหมู่, 分类, 分類, カテゴリ, カテゴリー, 카테고리",
    ),
    "language": listed(
        "language, lang, in_language, locale, language_code, lang_code, meta_lang",
        "human_language, metadata.language, Sprache, langue, idioma, lingua, taal, språk, sprog",
        "kieli, kalba, valoda, język, jazyk, nyelv, limbă, jezik, γλώσσα, dil, bahasa, ngôn ngữ",
        "язык, мова, език, اللغة, زبان, שפה, भाषा, ভাষা, ภาษา, 语言, 語言, 言語, 언어",
    ),
    "feed": listed(
        "feed.feed_url, origin.feed_url, origin.stream_id, feed_url, feed_link, rss_url, feed",
    ),
}  # fmt: skip
"""Article field -> names to look for in a record, in order."""

ZONES = listed("timezone, time_zone, tz, tz_name, pub_date_tz, date_tz, Zeitzone")
"""Fields that hold the zone of a date beside it."""

WRAPPERS = (
    *("_source", "row", "node", "attributes", "fields", "document", "article", "doc", "story"),
    *("item", "post", "data"),
)
"""Objects that hold the record: of Elasticsearch, the Hugging Face hub, GraphQL, JSON:API and
Airtable."""

HOLDERS = ("metadata", "meta")
"""Objects beside a text whose fields are the record's own, where it has none by any name."""

CONTAINERS = (
    *("articles", "items", "results", "data", "records", "documents", "docs", "entries", "hits"),
    *("rows", "posts", "news", "stories", "nodes", "edges", "value", "list", "response", "result"),
    *("payload", "objects", "news_results", "content", "@graph", "rss", "channel", "feed", "item"),
    *("entry", "db", "messages"),
)
"""Fields of a JSON file's one object that may hold its articles."""
