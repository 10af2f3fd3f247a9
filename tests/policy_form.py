"""What a browser sends for a policy with the usual options."""

from __future__ import annotations

POLICY_FORM: dict[str, object] = {
    "name": "English",
    "target_languages": "eng",
    "label_dub": "dub",
    "label_semi_dub": "semi-dub",
    "label_wrong_dub": "wrong-dub",
    "language_labels": "off",
    "language_label_pattern": "audio-{language}",
    "language_label_rule": "every",
    "undetermined": "original",
    "extra_languages": "tolerate",
    "native_titles": "dub",
}
