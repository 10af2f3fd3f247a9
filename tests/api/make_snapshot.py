"""`python -m tests.api.make_snapshot`: writes the OpenAPI document that the tests compare with."""

import json
import os
from pathlib import Path

import django


def main():
    """Write it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "taggarr.settings")
    django.setup()
    from drf_spectacular.generators import SchemaGenerator

    document = SchemaGenerator().get_schema(request=None, public=True)
    path = Path(__file__).with_name("openapi.json")
    text = json.dumps(document, indent=1, ensure_ascii=False, default=str, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
