# What the scripts share: the virtual environment, made from the locked requirements. To be sourced, in the clone.
# shellcheck shell=sh

# Where the requirements are installed; a script may name another folder before `install_once`.
VENV=.venv

refuse() { # one clear line, exit code 2
  printf 'taggarr: %s\n' "$*" >&2
  exit 2
}

works() { # COMMAND...: it is there and runs (a shim of a version manager may be there and not run)
  "$@" >/dev/null 2>&1
}

find_python() { # sets PYTHON to a Python >= 3.11
  for PYTHON in ${TAGGARR_PYTHON:-python3.13 python3.12 python3.11 python3}; do
    works "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' && return
  done
  [ -z "${TAGGARR_PYTHON:-}" ] || refuse "TAGGARR_PYTHON, $TAGGARR_PYTHON, is no Python 3.11 or newer."
  refuse "Python 3.11 or newer is needed: install one, or name it in TAGGARR_PYTHON."
}

make_venv() { # an empty virtual environment
  find_python
  if works uv --version; then
    uv venv --quiet --clear --python "$PYTHON" "$VENV" || refuse "uv could not make the virtual environment $VENV."
    return
  fi
  works "$PYTHON" -c 'import venv, ensurepip' ||
    refuse "$PYTHON has no venv module: install it (Debian: apt install python3-venv), or install uv."
  "$PYTHON" -m venv --clear "$VENV" || refuse "$PYTHON could not make the virtual environment $VENV."
}

install_locked() { # FILE...: exactly what the files name, every download checked against its hash
  requirements=
  for file; do requirements="$requirements -r $file"; done
  # shellcheck disable=SC2086  # the words are options
  if works uv --version; then
    uv pip install --quiet --python "$VENV/bin/python" --require-hashes $requirements
  else
    works "$VENV/bin/python" -m pip --version || works "$VENV/bin/python" -m ensurepip ||
      refuse "The virtual environment $VENV has no pip: delete it and start again."
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes $requirements
  fi || refuse "The requirements could not be installed: see above; without a network, the first start cannot work."
}

compile_texts() { # the translations of the pages, where one is newer than what was made of it
  for source in locale/*/LC_MESSAGES/django.po; do
    made="${source%.po}.mo"
    if [ ! -f "$made" ] || [ -n "$(find "$source" -newer "$made")" ]; then
      .venv/bin/python -m taggarr.translations || refuse "The translations could not be compiled: see above."
      return
    fi
  done
}

install_once() { # FILE...: a virtual environment with these requirements; instant where it is there
  stamp="$VENV/.installed-$(printf '%s\n' "$@" | cksum | tr ' ' '-')"
  want=$(cat "$@" | cksum)
  if works "$VENV/bin/python" -c '' && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then
    return
  fi
  [ -w . ] || refuse "Cannot write to $(pwd): put Taggarr where you may write."
  printf 'Installing the requirements (once) ...\n' >&2
  works "$VENV/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || make_venv
  install_locked "$@"
  printf '%s\n' "$want" >"$stamp"
}

prepare() { # FILE...: what Taggarr needs to run in this clone
  install_once "$@"
  compile_texts
}

RUNTIME="requirements.txt requirements-embedded.txt"
