"""The languages of Sonarr and Radarr by name, with the ids that each application gives them.

Source: the two applications' public language lists. The first twenty-six ids are common to both.
"""

from __future__ import annotations

from demo.arr.state import Kind

_COMMON = (
    "Unknown", "English", "French", "Spanish", "German", "Italian", "Danish", "Dutch", "Japanese",
    "Icelandic", "Chinese", "Russian", "Polish", "Vietnamese", "Swedish", "Norwegian", "Finnish",
    "Turkish", "Portuguese", "Flemish", "Greek", "Korean", "Hungarian", "Hebrew", "Lithuanian", "Czech",
)  # fmt: skip
_SONARR = (
    "Arabic", "Hindi", "Bulgarian", "Malayalam", "Ukrainian", "Slovak", "Thai", "Portuguese (Brazil)",
    "Spanish (Latino)", "Romanian", "Latvian", "Persian", "Catalan", "Croatian", "Serbian", "Bosnian",
    "Estonian", "Tamil", "Indonesian", "Macedonian", "Slovenian",
)  # fmt: skip
_RADARR = (
    "Hindi", "Romanian", "Thai", "Bulgarian", "Portuguese (Brazil)", "Arabic", "Ukrainian", "Persian",
    "Bengali", "Slovak", "Latvian", "Spanish (Latino)", "Catalan", "Croatian", "Serbian", "Bosnian",
    "Estonian", "Tamil", "Indonesian", "Telugu", "Macedonian", "Slovenian", "Malayalam", "Kannada",
    "Albanian", "Afrikaans", "Marathi", "Tagalog", "Urdu", "Romansh",
)  # fmt: skip
_IDS: dict[Kind, dict[str, int]] = {
    "sonarr": {name: number for number, name in enumerate(_COMMON + _SONARR)} | {"Original": -2},
    "radarr": {name: number for number, name in enumerate(_COMMON + _RADARR)} | {"Any": -1, "Original": -2},
}


def language_resource(kind: Kind, name: str) -> dict[str, object]:
    """The `Language` body (id and name) of an application for a language name.

    Raises:
        KeyError: the application does not know the name.
    """
    return {"id": _IDS[kind][name], "name": name}
