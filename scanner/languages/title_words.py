"""The words in titles of audio tracks, by language. If you speak one of these, correct and extend it here.

How to write an entry:

- Case, accents and punctuation make no difference: "Audio-Description" and "audio description" are the same.
- An entry is a whole word, or several in a row. `*` at an end stands for the rest of a word: "*kommentar*" is
  found in "Audiokommentare". Scripts without blanks between words need it on both sides.
- `names` is what the language calls itself, as a title would: "Deutsch".
- `commentary`: people talk over the film. `description`: the picture is described to who cannot see it.
  `music`: nothing is heard but the music, or the music and the noises.
- `negation` turns one of these around. `…` is where the word stands, apart ("no …", "… free") or not
  ("…なし"). An entry without `…` says it all by itself: "yorumsuz".

An entry has to mean what it says wherever it stands in a title of any language. Each language has titles to
prove it in `tests/scanner/titles_by_language.py`: add yours, and ordinary ones that must stay ordinary.
"""

# ruff: noqa: RUF001 - letters of other scripts that look like Latin ones are meant.

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    names: tuple[str, ...]
    commentary: tuple[str, ...]
    description: tuple[str, ...]
    negation: tuple[str, ...]
    music: tuple[str, ...] = ()


WORDS = {
    "ara": Words(
        names=("العربية", "عربي"),
        commentary=("*تعليق*",),
        description=("*وصف صوتي*", "*الوصف الصوتي*", "*للمكفوفين*", "*ضعاف البصر*"),
        negation=("بدون …", "بلا …", "دون …"),
        music=("*موسيقى فقط*",),
    ),
    "bul": Words(
        names=("български",),
        commentary=("*коментар*",),
        description=("*аудиоописание*", "*аудио описание*", "*незрящи*"),
        negation=("без …", "няма …"),
    ),
    "cat": Words(
        names=("català",),
        commentary=("*comentari*", "comentada", "comentades", "comentat", "comentats"),
        description=("audiodescri*", "audio descri*", "*invidents*", "per a cecs", "persones cegues"),
        negation=("sense …", "cap comentari*"),
        music=("música aïllada",),
    ),
    "ces": Words(
        names=("čeština", "česky"),
        commentary=("*komentář*", "komentovan*"),
        description=("zvukový popis", "audiopopis*", "audio popis*", "*nevidom*"),
        negation=("bez …", "žádný …", "žádné …"),
    ),
    "dan": Words(
        names=("dansk",),
        commentary=("*kommentar*", "*kommentere*"),
        description=("*synstolk*", "*synshæm*", "*synshand*", "*lydbeskriv*", "for blinde"),
        negation=("uden …", "ingen …", "ikke …"),
    ),
    # In Switzerland and on its discs an audio description is an Audiovision.
    "deu": Words(
        names=("Deutsch",),
        commentary=("*kommentar*", "*kommentier*"),
        description=(
            "*audiodeskri*",
            "*audio deskri*",
            "*audiobeschreib*",
            "*audio beschreib*",
            "audiovision",
            "*bildbeschreib*",
            "*blindenfassung*",
            "*blindenton*",
            "für blinde",
            "fuer blinde",
            "hörfilm*",
            "hoerfilm*",
            "hörfassung*",
            "hoerfassung*",
            "*sehbehindert*",
            "*sehgeschädigt*",
        ),
        negation=("ohne …", "kein …", "keine …", "keinen …", "keinerlei …", "…frei", "*kommentarlos*"),
        music=("isolierte musik", "isolierte filmmusik", "nur musik", "musik und geräusche"),
    ),
    "ell": Words(
        names=("Ελληνικά",),
        commentary=("σχόλια", "σχόλιο", "σχολίων", "σχολιασ*"),
        description=("ακουστική περιγραφή", "ηχητική περιγραφή", "περιγραφή για τυφλούς", "για τυφλούς"),
        negation=("χωρίς …", "δίχως …"),
        music=("μόνο μουσική",),
    ),
    "eng": Words(
        names=("English",),
        commentary=(
            "*commentary",
            "*commentaries",
            "*comentary",
            "*comentaries",
            "*commentry",
            "*comentry",
            "*commentery",
            "commentator",
            "commentators",
            "commented by",
            "comments by",
            "comm by",
            "audio comment",
            "audio comments",
            "audio essay",
            "audio essays",
            "rifftrax",
            "riff trax",
        ),
        description=(
            "audiodesc*",
            "audio desc*",
            "descriptive",
            "description",
            "descriptions",
            "described",
            "dvs",
            "visual impair*",
            "visually impair*",
            "vision impair*",
            "sight impair*",
            "partially sighted",
            "for blind",
            "for the blind",
        ),
        negation=("no …", "non …", "not …", "without …", "… free", "… off"),
        music=(
            "isolated score",
            "isolated music",
            "isolated film score",
            "isolated effects",
            "music only",
            "only music",
            "score only",
            "music and effects",
            "music effects",
            "m e track",
        ),
    ),
    "est": Words(
        names=("eesti",),
        commentary=("*kommentaar*",),
        description=("*kirjeldustõl*", "*vaegnägija*"),
        negation=("ilma …",),
    ),
    "fas": Words(
        names=("فارسی",),
        commentary=("*تفسیر*", "*نظرات کارگردان*"),
        description=("*توضیحات صوتی*", "*توصیف صوتی*", "*نابینایان*"),
        negation=("بدون …",),
    ),
    "fin": Words(
        names=("suomi",),
        commentary=("*komment*",),
        description=("*kuvailutulk*", "*äänikuvail*", "*näkövamm*"),
        negation=("ilman …", "ei …", "*kommentiton*"),
        music=("pelkkä musiikki", "vain musiikki"),
    ),
    "fra": Words(
        names=("français",),
        commentary=(
            "*commentaire*",
            "commenté par",
            "commentée par",
            "commentés par",
            "commentées par",
            "version commentée",
        ),
        description=(
            "audiodescri*",
            "audio descri*",
            "audiodécri*",
            "audio décri*",
            "description audio",
            "audiovision",
            "*malvoyant*",
            "pour aveugles",
            "pour les aveugles",
            "non voyant",
            "non voyants",
        ),
        negation=("sans …", "aucun …", "pas de …"),
        music=("musique isolée", "piste musicale isolée", "musique seule", "musique uniquement"),
    ),
    "heb": Words(
        names=("עברית",),
        commentary=("*פרשנות*",),
        description=("*תיאור קולי*", "*לעיוורים*", "*לקויי ראייה*"),
        negation=("ללא …", "בלי …", "אין …"),
    ),
    "hin": Words(
        names=("हिन्दी", "हिंदी"),
        commentary=("कमेंट्री", "कमेंटरी", "कमेन्ट्री", "कॉमेंट्री", "कॉमेंटरी", "टिप्पणी"),
        description=("ऑडियो विवरण", "श्रव्य विवरण", "दृश्य विवरण", "ऑडियो डिस्क्रिप्शन", "दृष्टिबाधित*", "नेत्रहीन*"),
        negation=("बिना …", "… नहीं", "… के बिना", "… रहित"),
        music=("केवल संगीत",),
    ),
    "hrv": Words(
        names=("hrvatski",),
        commentary=("*komentar*",),
        description=("zvučni opis", "audio opis", "audiodeskrip*", "za slijepe", "*slabovidn*"),
        negation=("bez …",),
    ),
    "hun": Words(
        names=("magyar",),
        commentary=("*kommentár*",),
        description=(
            "*audionarrác*",
            "audio narrác*",
            "narráció vakok*",
            "*látássérült*",
            "vakok és",
            "vakoknak",
        ),
        negation=("nincs …", "… nélkül"),
        music=("csak zene",),
    ),
    "ind": Words(
        names=("Bahasa Indonesia", "Indonesia"),
        commentary=("komentar*",),
        description=("deskripsi audio", "audio deskripsi", "*tunanetra*"),
        negation=("tanpa …", "tidak ada …"),
    ),
    "ita": Words(
        names=("italiano",),
        commentary=("*commento", "commenti", "commentato", "commentata", "commentati"),
        description=(
            "audiodescri*",
            "audio descri*",
            "descrizione audio",
            "non vedenti",
            "per ciechi",
            "*ipovedent*",
        ),
        negation=("senza …", "nessun …", "non …"),
        music=("solo musica", "colonna sonora isolata", "musica isolata"),
    ),
    # 音声解説 and 解説音声 are commentaries on discs. 副音声 is not here: it is television's second sound,
    # most often another language.
    "jpn": Words(
        names=("日本語",),
        commentary=("*コメンタリ*", "*オーディオコメント*", "*音声解説*", "*解説音声*"),
        description=(
            "*音声ガイド*",
            "*解説放送*",
            "*視覚障害*",
            "*視覚障碍*",
            "*視覚障がい*",
            "*バリアフリー*",
        ),
        negation=("…なし", "… なし", "…無し", "… 無し", "…ナシ", "…無"),
        music=("*音楽のみ*", "*bgmのみ*", "*サウンドトラックのみ*"),
    ),
    "kor": Words(
        names=("한국어",),
        commentary=(
            "*코멘터리*",
            "*코멘타리*",
            "*코멘트*",
            "*음성해설*",
            "*음성 해설*",
            "*감독해설*",
            "*감독 해설*",
        ),
        description=("*화면해설*", "*화면 해설*", "*시각장애*", "*시각 장애*"),
        negation=("…없음", "… 없음", "…없이", "… 없이", "…없는", "…미포함"),
        music=("*음악만*",),
    ),
    "lav": Words(
        names=("latviešu",),
        commentary=("*komentār*",),
        description=("*audioapraksts*", "audio apraksts", "*vājredzīg*", "*neredzīg*"),
        negation=("bez …",),
    ),
    "lit": Words(
        names=("lietuvių",),
        commentary=("*komentar*",),
        description=("garsinis vaizdavimas", "garsinis apibūdinimas", "*silpnaregi*", "neregiams"),
        negation=("be komentar*", "be garsinio vaizdavimo"),
    ),
    "msa": Words(
        names=("Bahasa Melayu", "Melayu"),
        commentary=("*komentar*", "ulasan pengarah"),
        description=("deskripsi audio", "penerangan audio", "cacat penglihatan"),
        negation=("tanpa …", "tiada …"),
    ),
    "nld": Words(
        names=("Nederlands",),
        commentary=("*commentaar*", "*commentaren*", "*becommentarieerd*"),
        description=(
            "audiodescri*",
            "audio descri*",
            "*audiobeschrijving*",
            "audio beschrijving",
            "*slechtziend*",
            "voor blinden",
            "*blindenversie*",
        ),
        negation=("zonder …", "geen …", "…vrij"),
        music=("alleen muziek",),
    ),
    "nno": Words(
        names=("nynorsk",),
        commentary=("*kommentar*", "*kommenter*"),
        description=("*synstolk*", "*synshem*", "*lydbeskriv*", "for blinde"),
        negation=("utan …", "ingen …", "ikkje …"),
    ),
    "nob": Words(
        names=("norsk", "bokmål"),
        commentary=("*kommentar*", "*kommenter*"),
        description=("*synstolk*", "*synstolking*", "*synshem*", "*lydbeskriv*", "for blinde"),
        negation=("uten …", "ingen …", "ikke …"),
    ),
    "pol": Words(
        names=("polski",),
        commentary=("*komentarz*", "komentowan*"),
        description=("*audiodeskryp*", "audio deskryp*", "*niewidom*", "*niewidz*", "*słabowidz*"),
        negation=("bez …", "brak …"),
        music=("sama muzyka", "tylko muzyka"),
    ),
    "por": Words(
        names=("português",),
        commentary=("*comentári*", "comentado", "comentada", "comentados", "comentadas"),
        description=(
            "audiodescri*",
            "audio descri*",
            "descrição de áudio",
            "descrição em áudio",
            "descrição do áudio",
            "para cegos",
            "*deficiente visua*",
            "*deficientes visua*",
            "*deficiência visual*",
        ),
        negation=("sem …", "nenhum …"),
        music=("apenas música", "só música", "trilha isolada"),
    ),
    "ron": Words(
        names=("română",),
        commentary=("*comentari*", "comentat de", "comentată de"),
        description=("audiodescri*", "audio descri*", "descriere audio", "*nevăzător*"),
        negation=("fără …", "niciun …"),
    ),
    "rus": Words(
        names=("русский",),
        commentary=("*комментар*", "*комментир*"),
        description=(
            "*аудиодескри*",
            "аудио дескри*",
            "*аудиоописан*",
            "аудио описан*",
            "*тифло*",
            "*слабовидящ*",
            "*незряч*",
        ),
        negation=("без …", "нет …"),
        music=("только музыка", "изолированная музыка"),
    ),
    "slk": Words(
        names=("slovenčina", "slovensky"),
        commentary=("*komentár*", "komentovan*"),
        description=("zvukový popis", "audiopopis*", "audio popis*", "audiokomentovanie", "*nevidiac*"),
        negation=("bez …", "žiadny …"),
    ),
    "slv": Words(
        names=("slovenščina", "slovensko"),
        commentary=("*komentar*", "komentiran*"),
        description=("zvočni opis", "avdiodeskrip*", "za slepe", "*slabovidn*"),
        negation=("brez …",),
    ),
    "spa": Words(
        names=("español", "castellano", "español latino"),
        commentary=("*comentari*", "comentado", "comentada", "comentados", "comentadas"),
        description=(
            "audiodescri*",
            "audio descri*",
            "descripción de audio",
            "descripción audio",
            "*invidente*",
            "para ciegos",
            "*deficiente visua*",
            "*deficientes visua*",
            "*discapacidad visual*",
        ),
        negation=("sin …", "ningún …"),
        music=("música aislada", "banda sonora aislada", "solo música"),
    ),
    "srp": Words(
        names=("српски", "srpski"),
        commentary=("*коментар*", "*komentar*"),
        description=("аудио дескрип*", "*аудиодескрип*", "*audiodeskrip*", "за слепе", "za slepe"),
        negation=("без …", "bez …"),
    ),
    "swe": Words(
        names=("svenska",),
        commentary=("*kommentar*", "*kommenter*"),
        description=("*syntolk*", "*synskad*", "*synnedsat*", "för blinda"),
        negation=("utan …", "ingen …", "inga …", "inte …"),
        music=("endast musik", "bara musik"),
    ),
    "tha": Words(
        names=("ไทย", "ภาษาไทย"),
        commentary=(
            "*คอมเมนทารี*",
            "*คอมเมนตารี*",
            "*คอมเม้นทารี*",
            "*คำบรรยายเสียง*",
            "*บรรยายโดยผู้กำกับ*",
            "*บรรยายของผู้กำกับ*",
            "*ความเห็นผู้กำกับ*",
            "*ความเห็นของผู้กำกับ*",
            "*ความคิดเห็นของผู้กำกับ*",
        ),
        description=("*บรรยายภาพ*", "*คนตาบอด*", "*ผู้พิการทางสายตา*", "*ผู้บกพร่องทางการมองเห็น*"),
        negation=("ไม่มี…", "ไม่มีเสียง…", "ปราศจาก…"),
        music=("*เฉพาะดนตรี*",),
    ),
    "tur": Words(
        names=("Türkçe",),
        commentary=("yorum*",),
        description=("*betimleme*", "*görme engelli*"),
        negation=("yorumsuz*", "… yok", "… içermez"),
        music=("sadece müzik",),
    ),
    "ukr": Words(
        names=("українська",),
        commentary=("*коментар*", "*коментує*"),
        description=("*аудіодескри*", "аудіо дескри*", "*аудіоопис*", "*тифло*", "*незряч*"),
        negation=("без …", "немає …"),
    ),
    "vie": Words(
        names=("Tiếng Việt",),
        commentary=("bình luận",),
        description=("mô tả âm thanh", "*khiếm thị*"),
        negation=("không có …", "không …"),
    ),
    # 解说 alone is a narrator's voice, which may replace the dialogue: a kind of dub.
    "zho": Words(
        names=("中文", "国语", "國語", "普通话", "粤语", "粵語"),
        commentary=(
            "*评论*",
            "*評論*",
            "*导评*",
            "*導評*",
            "*讲评*",
            "*講評*",
            "*评述*",
            "*評述*",
            "*导演解说*",
            "*導演解說*",
            "*主创解说*",
            "*主創解說*",
            "*主创讲解*",
            "*主創講解*",
            "*导演讲解*",
            "*導演講解*",
        ),
        description=("*口述影像*", "*无障碍*", "*無障礙*", "*视障*", "*視障*", "*盲人*"),
        negation=("无…", "無…", "没有…", "沒有…", "不含…"),
        music=("*纯音乐*", "*純音樂*", "*音乐音轨*", "*音樂音軌*"),
    ),
}
"""The words of each language, by its ISO 639-3 code."""
