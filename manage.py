#!/usr/bin/env python3
"""The command line of Taggarr."""

from __future__ import annotations

import sys

from core.loading import load


def main() -> None:
    load()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
