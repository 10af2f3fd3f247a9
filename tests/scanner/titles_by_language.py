"""Titles of audio tracks in every language that has words in `scanner/languages/titles.toml`."""

# ruff: noqa: RUF001 - letters of other scripts that look like Latin ones are meant.

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Titles:
    """Titles in one language: what its words in `scanner/languages/titles.toml` must tell apart."""

    commentary: list[str]
    description: list[str]
    denied: list[str]
    ordinary: list[str] = field(default_factory=list)


BY_LANGUAGE = {
    "ara": Titles(["تعليق صوتي"], ["وصف صوتي للمكفوفين"], ["بدون تعليق"], ["العربية", "دبلجة عربية"]),
    "bul": Titles(["Режисьорски коментар"], ["Аудиоописание"], ["Без коментар"], ["Български дублаж"]),
    "cat": Titles(["Comentari del director"], ["Per a persones cegues"], ["Sense comentaris"], ["Català"]),
    "ces": Titles(
        ["Český komentář"], ["Audio popis pro nevidomé"], ["Žádný komentář"], ["Český dabing", "Komentátorka"]
    ),
    "dan": Titles(["Dansk kommentarspor"], ["Synstolkning på dansk"], ["Ingen kommentarer"], ["Dansk tale"]),
    "deu": Titles(
        ["Kommentar (Deutsch)", "Kommentar aus dem Off"],
        ["Audiobeschreibung", "Blindenfassung", "Audiovision", "Deutsch - Audiovision 2.0"],
        ["Kein Kommentar", "Keine Kommentare", "Kommentarfrei", "Keine Audiodeskription"],
        ["Blinder Passagier", "Hörspiel", "Freies Geleit", "Audio-Vision-Studio"],
    ),
    "ell": Titles(
        ["Σχόλια δημιουργών"], ["Περιγραφή για τυφλούς"], ["Χωρίς σχόλια"], ["Ελληνικά", "Σχολικό έτος"]
    ),
    "eng": Titles(
        [
            "Commented by the director",
            "Commented by John Smith",
            "Comm. by the crew",
            "Audio essay by a critic",
        ],
        ["Narrated for the blind", "English: described"],
        ["Commentary-free", "Commentary: off", "No audio commentary", "Commentary off 5.1"],
        ["English (drum-free)", "Offenders", "Commoner", "Visual essay", "Comm. Channel"],
    ),
    "est": Titles(["Režissööri kommentaar"], ["Kirjeldustõlge"], ["Ilma kommentaarita"], ["Eesti keel"]),
    "fas": Titles(["تفسیر کارگردان"], ["توضیحات صوتی"], ["بدون تفسیر"], ["دوبله فارسی"]),
    "fin": Titles(
        ["Kommentaariraita"], ["Kuvailutulkkaus (suomi)"], ["Ei kommentteja", "Ilman kommentteja"], ["Suomi"]
    ),
    "fra": Titles(
        ["Commenté par le réalisateur", "Piste de commentaires"],
        ["Description audio", "Audiovision (français)"],
        ["Aucun commentaire", "Pas de commentaire"],
        ["Voix off", "Aucun doute", "Comme une image"],
    ),
    "heb": Titles(["רצועת פרשנות"], ["תיאור קולי לעיוורים"], ["ללא פרשנות"], ["עברית"]),
    "hin": Titles(["निर्देशक की टिप्पणी", "ऑडियो कमेंट्री"], ["ऑडियो विवरण"], ["बिना कमेंट्री"], ["हिन्दी", "हिंदी डब"]),
    "hrv": Titles(["Komentar redatelja (hrvatski)"], ["Zvučni opis"], ["Bez komentara"], ["Hrvatski"]),
    "hun": Titles(
        ["Magyar kommentár"], ["Audionarráció vakoknak"], ["Nincs kommentár", "Kommentár nélkül"], ["Magyar"]
    ),
    "ind": Titles(["Komentar audio"], ["Deskripsi audio"], ["Tanpa komentar"], ["Bahasa Indonesia"]),
    "ita": Titles(
        ["Commento audio del regista"],
        ["Descrizione audio"],
        ["Nessun commento"],
        ["Commedia", "Fuori campo"],
    ),
    "jpn": Titles(
        ["解説音声", "監督による解説音声", "副音声コメンタリー"],
        ["視覚障がい者向け音声"],
        ["コメンタリーなし", "音声ガイド無し", "オーディオコメンタリー なし"],
        ["日本語 副音声", "日本語吹替", "主音声"],
    ),
    "kor": Titles(
        ["코멘트", "감독 코멘트"], ["시각 장애인용 화면해설"], ["코멘터리 없음"], ["한국어 더빙", "해설"]
    ),
    "lav": Titles(["Režisora komentārs"], ["Audio apraksts"], ["Bez komentāriem"], ["Latviešu"]),
    "lit": Titles(["Režisieriaus komentaras"], ["Garsinis vaizdavimas"], ["Be komentarų"], ["Lietuvių"]),
    "msa": Titles(["Komentar pengarah"], ["Penerangan audio"], ["Tiada komentar"], ["Bahasa Melayu"]),
    "nld": Titles(
        ["Commentaar van de maker"],
        ["Audiobeschrijving", "Nederlands (audiobeschrijving)"],
        ["Geen commentaar", "Commentaarvrij"],
        ["Nederlands gesproken", "Commandant"],
    ),
    "nno": Titles(["Kommentarspor på nynorsk"], ["Lydbeskriving"], ["Ikkje kommentarar"], ["Nynorsk"]),
    "nob": Titles(["Kommentert av regissøren"], ["Lydbeskrivelse"], ["Ingen kommentar"], ["Norsk tale"]),
    "pol": Titles(
        ["Polski komentarz"], ["Polski - dla słabowidzących"], ["Brak komentarza"], ["Lektor polski"]
    ),
    "por": Titles(
        ["Comentário do elenco"],
        ["Descrição de áudio", "Português (descrição de áudio)"],
        ["Nenhum comentário", "Sem audiodescrição"],
        ["Português europeu", "Comédia"],
    ),
    "ron": Titles(["Comentariul regizorului"], ["Descriere audio"], ["Fără comentarii"], ["Română"]),
    "rus": Titles(
        ["Русский комментарий"], ["Аудиоописание для незрячих"], ["Нет комментариев"], ["Голос за кадром"]
    ),
    "slk": Titles(["Slovenský komentár"], ["Audiokomentovanie"], ["Žiadny komentár"], ["Slovenský dabing"]),
    "slv": Titles(["Režiserjev komentar"], ["Zvočni opis"], ["Brez komentarja"], ["Slovensko"]),
    "spa": Titles(
        ["Comentario del reparto"],
        ["Descripción de audio", "Para personas invidentes"],
        ["Ningún comentario", "Sin audiodescripción"],
        ["Voz en off", "Sin City", "Comenta la jugada"],
    ),
    "srp": Titles(["Коментар редитеља"], ["За слепе и слабовиде"], ["Bez komentara redatelja"], ["Српски"]),
    "swe": Titles(
        ["Svenskt kommentarspår"], ["Syntolkat för blinda"], ["Ingen kommentar alls"], ["Svenskt tal"]
    ),
    "tha": Titles(
        ["คอมเมนทารี", "เสียงบรรยายโดยผู้กำกับ"], ["เสียงบรรยายภาพ"], ["ไม่มีคอมเมนทารี"], ["ไทย", "พากย์ไทย"]
    ),
    "tur": Titles(["Yorum parçası"], ["Betimlemeli"], ["Yorum yok", "Yorumsuz sürüm"], ["Türkçe dublaj"]),
    "ukr": Titles(["Коментує режисер"], ["Аудіоопис"], ["Немає коментарів"], ["Український дубляж"]),
    "vie": Titles(["Bình luận"], ["Mô tả âm thanh"], ["Không có bình luận"], ["Lồng tiếng", "Thuyết minh"]),
    "zho": Titles(
        ["主创解说", "主創解說音軌", "导演讲解"],
        ["视障人士"],
        ["无评论", "没有导评"],
        ["解说", "国语", "粤语配音", "副音轨"],
    ),
}
"""Titles by ISO 639-3 code; every language of `scanner/languages/titles.toml` has some of each kind."""
