#!/bin/sh
# Makes .venv with a Python that Lanyard works with; PYTHON chooses one. Says in one line why not.
set -eu

works() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null
}

# There, and with pip: an installation that was interrupted may lack it.
if works .venv/bin/python && .venv/bin/python -c 'import pip' 2>/dev/null; then
    exit 0
fi

for python in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if works "$python"; then
        if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            echo "Python's venv is missing: on Debian, 'apt-get install python3-venv' brings it." >&2
            exit 1
        fi
        exec "$python" -m venv --clear .venv
    fi
done
echo "Lanyard needs Python 3.11, 3.12 or 3.13: 'make PYTHON=/path/to/python3.12 run' chooses one." >&2
exit 1
