"""The process of an analyst's text writes nothing of it to stderr, which is the log of who asked."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from graph.analyst_stream import ReadStream

ROOT = Path(__file__).resolve().parent.parent.parent
SECRET = "zzjeanne-martin"
REQUEST = {
    "settings": {},
    "text": f"RETURN '{SECRET}' AS name",
    "parameters": {"name": SECRET},
    "limit": 10,
    "timeout_s": 5.0,
    "max_bytes": 1_000,
}
#: what happens in the place of the server, as each may quote the text
HAPPENS = {
    "an error of the driver": "raise LookupError(text)",
    "an error in a thread": "threading.Thread(target=int, args=(text,)).start(); raise KeyError(text)",
    "a warning": "warnings.warn(text); raise ValueError(text)",
    "native code": "os.write(2, text.encode()); raise OSError(text)",
}
PROGRAM = """
import json, os, sys, threading, warnings
from contextlib import contextmanager
import graph.analyst_process as process
text = {text!r}
@contextmanager
def connect(settings):
    {happens}
    yield
process.connect = connect
sys.exit(process.main())
"""


def start(happens: str) -> subprocess.Popen[bytes]:
    program = PROGRAM.format(text=REQUEST["text"], happens=happens)
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe, stderr=pipe, cwd=ROOT)


@pytest.mark.parametrize("what", sorted(HAPPENS))
def test_a_text_never_reaches_stderr_and_the_error_is_told_by_its_class(what: str) -> None:
    process = start(HAPPENS[what])
    out, err = process.communicate(json.dumps(REQUEST).encode(), timeout=60)
    assert err == b""
    assert SECRET.encode() not in out
    message: dict[str, Any] = json.loads(out)
    assert message["error"] == "unforeseen"
    assert message["problem"] in ("LookupError", "KeyError", "ValueError", "OSError")


def test_who_asked_is_told_the_class_and_nothing_of_the_text() -> None:
    process = start(HAPPENS["an error of the driver"])
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(json.dumps(REQUEST).encode())
    process.stdin.close()
    with pytest.raises(RuntimeError, match="met with LookupError") as caught:
        ReadStream(process)
    assert SECRET not in str(caught.value)
    process.stderr.close()


def test_what_would_be_seen_without_the_guard_is_the_text() -> None:
    # the program above without ``main``: what it raises does quote the text
    program = PROGRAM.format(text=REQUEST["text"], happens=HAPPENS["an error of the driver"])
    program = program.replace("sys.exit(process.main())", "connect(None).__enter__()")
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=False, timeout=60)
    assert SECRET.encode() in run.stderr
