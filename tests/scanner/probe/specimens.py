"""Files to compare the engines on: by our own writer, by ffmpeg and by mkvmerge, over all that they can vary.

Every kind goes through each container, layout and codec in turn, and draws languages, flags and titles by
chance from a fixed seed: the same number of a kind is always the same file."""

import random
import subprocess
from itertools import cycle, islice, product

from demo.media_files import AudioSpec, FileSpec, SubtitleSpec, build

from .layouts import MATROSKA, MP4, laid_out

# ISO 639-2 code, and the BCP 47 tag beside it.
LANGUAGES = (
    ("jpn", None),
    ("eng", None),
    ("und", None),
    (None, None),
    ("ger", None),
    ("fre", None),
    ("ita", None),
    ("por", "pt-BR"),
    ("spa", "es-419"),
    ("chi", "zh-Hant"),
    ("eng", "en-US"),
    ("nob", None),
    ("zxx", None),
    ("mul", None),
    ("qaa", None),
)
TITLES = (
    "",
    "",
    "Surround 5.1",
    "Director's Commentary",
    "Audio Description",
    "Комментарии",
    "日本語",
    "שלום 😀",
    "Dub / Sync",
    "x" * 200,
)
OWN_CODECS = {
    "mkv": ("AAC", "AC-3", "E-AC-3", "DTS", "TrueHD", "FLAC", "Opus", "MP3", "PCM"),
    "mp4": ("AAC", "AC-3", "E-AC-3", "Opus"),
}
OWN_LAYOUTS = {"mkv": ("plain", *MATROSKA), "mp4": ("plain", *MP4)}
ENCODERS = {
    "AAC": ("aac", "-b:a", "64k"),
    "AC-3": ("ac3",),
    "E-AC-3": ("eac3",),
    "FLAC": ("flac",),
    "MP3": ("libmp3lame",),
    "Opus": ("libopus",),
    "PCM": ("pcm_s16le",),
    "Vorbis": ("libvorbis",),
    "ALAC": ("alac",),
}
CHANNEL_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}
FFMPEG_VARIANTS = {
    "mkv": (
        (),
        ("-reserve_index_space", "2000"),
        ("-live", "1"),
        ("-write_crc32", "0"),
        ("-cluster_size_limit", "4000"),
    ),
    "webm": ((), ("-cluster_time_limit", "100")),
    "ogv": ((), ("-serial_offset", "7")),
    "mp4": (
        (),
        ("-movflags", "+faststart"),
        ("-movflags", "+frag_keyframe+empty_moov+delay_moov"),
        ("-movflags", "+use_metadata_tags"),
        ("-brand", "mp42"),
        ("-moov_size", "20000"),
    ),
    "mov": ((), ("-movflags", "+faststart"), ("-movflags", "+frag_keyframe+empty_moov+delay_moov")),
    "m4v": ((), ("-movflags", "+faststart")),
}
FFMPEG_CODECS = {
    "mkv": ("AAC", "AC-3", "E-AC-3", "FLAC", "MP3", "Opus", "PCM", "Vorbis", "ALAC"),
    "webm": ("Opus", "Vorbis"),
    "ogv": ("FLAC", "Opus", "Vorbis"),
    "mp4": ("AAC", "AC-3", "E-AC-3", "FLAC", "MP3", "Opus", "ALAC"),
    "mov": ("AAC", "AC-3", "E-AC-3", "MP3", "PCM", "ALAC"),
    "m4v": ("AAC", "AC-3", "ALAC"),
}
SUBTITLE_CODECS = {
    "mkv": ("srt", "ass"),
    "webm": ("webvtt",),
    "ogv": (),
    "mp4": ("mov_text",),
    "mov": ("mov_text",),
    "m4v": (),
}
MKVMERGE_VARIANTS = (
    (),
    ("--engage", "no_meta_seek"),
    ("--engage", "write_headers_twice"),
    ("--engage", "no_simpleblocks"),
    ("--disable-language-ietf",),
    ("--cluster-length", "100ms"),
    ("--no-cues",),
    ("--title", "A film"),
    ("--attachments",),
    ("--webm",),
)


def write(command):
    """Run a program that writes a file; mkvmerge's 1 is a warning."""
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode > (1 if command[0] == "mkvmerge" else 0):
        raise RuntimeError(f"{command[0]} failed: {(done.stderr or done.stdout)!r}")


def own(folder, count):
    """`count` files of our own writer; ours alone hold no language at all, and every layout."""
    chance = random.Random(1)
    turns = [
        (container, layout, codec)
        for container, layouts in OWN_LAYOUTS.items()
        for layout, codec in product(layouts, OWN_CODECS[container])
    ]
    for number, (container, layout, codec) in enumerate(islice(cycle(turns), count)):
        path = folder / f"own-{number}-{layout}-{codec}.{container}"
        path.write_bytes(laid_out(build(own_spec(chance, container, codec)), layout))
        yield path


def own_spec(chance, container, codec):
    codecs = OWN_CODECS[container]
    audio = [own_audio(chance, codec)] + [
        own_audio(chance, chance.choice(codecs)) for _ in range(chance.randrange(4))
    ]
    subtitle_codecs = ("SRT", "ASS", "PGS") if container == "mkv" else ("SRT",)
    subtitles = [own_subtitle(chance, chance.choice(subtitle_codecs)) for _ in range(chance.randrange(3))]
    return FileSpec(tuple(audio), tuple(subtitles), container)


def own_audio(chance, codec):
    language, tag = chance.choice(LANGUAGES)
    return AudioSpec(
        language,
        chance.choice(TITLES),
        codec,
        chance.choice((1, 2, 6) if codec not in ("MP3",) else (1, 2)),
        tag,
        default=chance.random() < 0.4,
        forced=chance.random() < 0.1,
        commentary=chance.random() < 0.2,
        original=chance.choice((None, None, True, False)),
        hearing_impaired=chance.random() < 0.1,
        visual_impaired=chance.random() < 0.1,
    )


def own_subtitle(chance, codec):
    language, tag = chance.choice(LANGUAGES)
    return SubtitleSpec(
        language,
        chance.choice(TITLES),
        codec,
        tag,
        default=chance.random() < 0.3,
        forced=chance.random() < 0.3,
        commentary=chance.random() < 0.1,
        hearing_impaired=chance.random() < 0.2,
    )


class Sources:
    """Short streams to put together, each encoded once."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.video = folder / "video.mkv"
        write([*self._ffmpeg("color=s=64x64:d=0.4:r=25"), "-c:v", "libx264", str(self.video)])
        self.webm = folder / "video.webm"
        write([*self._ffmpeg("color=s=64x64:d=0.4:r=25"), "-c:v", "libvpx", str(self.webm)])
        theora = folder / "video.ogv"
        write([*self._ffmpeg("color=s=64x64:d=0.4:r=25"), "-c:v", "libtheora", str(theora)])
        self.videos = {"webm": self.webm, "ogv": theora}
        self.subtitles = folder / "lines.srt"
        self.subtitles.write_text("1\n00:00:00,000 --> 00:00:00,300\nHello\n", encoding="utf-8")
        self.font = folder / "font.ttf"
        self.font.write_bytes(bytes(200_000))

    def audio(self, codec, channels):
        path = self.folder / f"{codec}-{channels}.mka"
        if not path.exists():
            silence = f"anullsrc=r=48000:cl={CHANNEL_LAYOUTS[channels]}:d=0.4"
            write([*self._ffmpeg(silence), "-c:a", *ENCODERS[codec], str(path)])
        return path

    @staticmethod
    def _ffmpeg(source):
        return ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source]


def drawn(chance, codecs, first):
    """Codec and channels of one to four audio tracks."""
    chosen = [first] + [chance.choice(codecs) for _ in range(chance.randrange(4))]
    return [(codec, chance.choice((1, 2) if codec == "MP3" else (1, 2, 6))) for codec in chosen]


def ffmpegs(folder, sources, count):
    """`count` files of ffmpeg's muxers."""
    chance = random.Random(2)
    turns = [
        (container, variant, codec)
        for container, variants in FFMPEG_VARIANTS.items()
        for variant, codec in product(variants, FFMPEG_CODECS[container])
    ]
    for number, (container, variant, codec) in enumerate(islice(cycle(turns), count)):
        name = "".join(variant).replace("/", "")
        path = folder / f"ffmpeg-{number}{name}-{codec}.{container}"
        audio = drawn(chance, FFMPEG_CODECS[container], codec)
        texts = [
            chance.choice(SUBTITLE_CODECS[container])
            for _ in range(chance.randrange(3))
            if SUBTITLE_CODECS[container]
        ]
        write([*ffmpeg_command(chance, sources, container, variant, audio, texts), str(path)])
        yield path


def ffmpeg_command(chance, sources, container, variant, audio, texts):
    inputs = [sources.videos.get(container, sources.video)]
    inputs += [sources.audio(codec, channels) for codec, channels in audio] + [sources.subtitles] * len(texts)
    command = ["ffmpeg", "-v", "error", "-y"]
    for path in inputs:
        command += ["-i", str(path)]
    for number in range(len(inputs)):
        command += ["-map", str(number)]
    command += ["-c", "copy", "-strict", "-2"]
    for number in range(len(audio)):
        command += ffmpeg_words(
            chance, f"a:{number}", ("comment", "dub", "original", "visual_impaired", "forced")
        )
    for number, codec in enumerate(texts):
        command += [
            f"-c:s:{number}",
            codec,
            *ffmpeg_words(chance, f"s:{number}", ("forced", "hearing_impaired")),
        ]
    return command + list(variant)


def ffmpeg_words(chance, stream, dispositions):
    """Language, title and dispositions of one stream."""
    language = chance.choice(LANGUAGES)[0]
    chosen = [name for name in ("default", *dispositions) if chance.random() < 0.2]
    words = [f"-disposition:{stream}", "+".join(chosen) or "0"]
    words += [f"-metadata:s:{stream}", f"language={language or ''}"]
    title = chance.choice(TITLES)
    if title:
        words += [f"-metadata:s:{stream}", f"title={title}"]
    if chance.random() < 0.1:
        words += [f"-metadata:s:{stream}", "handler_name=A name by hand"]
    return words


def mkvmerges(folder, sources, count):
    """`count` files of mkvmerge, every fifth edited afterwards by mkvpropedit."""
    chance = random.Random(3)
    codecs = tuple(codec for codec in ENCODERS if codec != "PCM")
    for number, (variant, codec) in enumerate(islice(cycle(product(MKVMERGE_VARIANTS, codecs)), count)):
        webm = "--webm" in variant
        allowed = ("Opus", "Vorbis") if webm else codecs
        audio = drawn(chance, allowed, codec if codec in allowed else "Opus")
        name = "".join(variant).replace("--", "-").replace(" ", "_")
        path = folder / f"mkvmerge-{number}{name}-{codec}.{'webm' if webm else 'mkv'}"
        write(mkvmerge_command(chance, sources, variant, audio, path))
        if number % 5 == 4:
            longer = "A name that is longer than what was left for it " * 8
            write(["mkvpropedit", str(path), "--edit", "track:a1", "--set", f"name={longer}"])
        yield path


def mkvmerge_command(chance, sources, variant, audio, path):
    command = ["mkvmerge", "--quiet", "--output", str(path)]
    if variant == ("--attachments",):
        command += ["--attach-file", str(sources.font)]
    else:
        command += variant
    command.append(str(sources.webm if "--webm" in variant else sources.video))
    for codec, channels in audio:
        command += [*mkvmerge_words(chance), str(sources.audio(codec, channels))]
    if "--webm" not in variant:
        for _ in range(chance.randrange(3)):
            command += [*mkvmerge_words(chance), str(sources.subtitles)]
    return command


def mkvmerge_words(chance):
    """Language, title and flags of one input's only track."""
    language, tag = chance.choice(LANGUAGES)
    words = ["--language", f"0:{tag or language or 'und'}", "--track-name", f"0:{chance.choice(TITLES)}"]
    for flag in (
        "default-track",
        "forced-display",
        "track-enabled",
        "hearing-impaired",
        "visual-impaired",
        "text-descriptions",
        "original",
        "commentary",
    ):
        if chance.random() < 0.25:
            words += [f"--{flag}-flag", f"0:{chance.choice((0, 1))}"]
    return words
