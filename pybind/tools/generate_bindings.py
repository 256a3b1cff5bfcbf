# SPDX-License-Identifier: MIT
"""Writes the C source of a cffi module from public headers.

    generate_bindings.py MODULE --source FILE --cc CC --include DIR… -o OUT.c

FILE is a small C file that includes the headers. The preprocessor expands it;
what comes from headers of this project, by the line markers, is given to cffi
as declarations, and integer macros become constants. So the headers stay the
only place where an interface is written down. Beside FILE, `FILE.callbacks`
may list functions written in Python, one C prototype each.
"""

from __future__ import annotations

import argparse
import re
import subprocess
from pathlib import Path

import cffi

_MARKER = re.compile(r'# \d+ "([^"]*)"')
_MACRO = re.compile(r"^#define\s+([A-Z][A-Z0-9_]*)[ \t]+(?!\()\S", re.MULTILINE)
# Exported by adapters and carriers, and found there by name: not for the linker.
_EXPORTED_ELSEWHERE = re.compile(
    r"const struct dtlslab_(?:endpoint|carrier)_api \*dtlslab_\w+_api\(void\);", re.MULTILINE
)
# cffi reads the value of a const object, which an opaque one has not; of others it takes the address.
_CONST_OBJECT = re.compile(r"extern const (\w+) (\w+);")
_NOT_INTEGERS = re.compile(r"_H\Z")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module")
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--cc", required=True)
    parser.add_argument("--include", type=Path, action="append", default=[])
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()

    folders = [folder.resolve() for folder in options.include]
    declarations, headers = declarations_of(options.source, options.cc, folders)
    builder = cffi.FFI()
    builder.cdef(declarations + constants_of(headers))
    callbacks = options.source.with_suffix(".callbacks")
    if callbacks.is_file():
        builder.cdef(f'extern "Python" {{\n{callbacks.read_text()}}}\n')
    # The source is included by its own text, so that the output can stand anywhere.
    builder.set_source(options.module, options.source.read_text(), py_limited_api=True)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    builder.emit_c_code(str(options.output))


def declarations_of(source: Path, cc: str, folders: list[Path]) -> tuple[str, list[Path]]:
    """What the preprocessor leaves of headers below `folders`, and which headers these are."""
    command = [cc, "-E", *(f"-I{folder}" for folder in folders), str(source)]
    expanded = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    kept: list[str] = []
    headers: dict[Path, None] = {}
    inside = False
    for line in expanded.splitlines():
        marker = _MARKER.match(line)
        if marker is not None:
            path = Path(marker[1]).resolve()
            inside = any(path.is_relative_to(folder) for folder in folders)
            if inside:
                headers[path] = None
        elif inside:
            kept.append(line)
    text = _EXPORTED_ELSEWHERE.sub("", "\n".join(kept)) + "\n"
    return _CONST_OBJECT.sub(r"extern \1 \2;", text), list(headers)


def constants_of(headers: list[Path]) -> str:
    """Integer macros as constants whose value the C compiler fills in."""
    names: dict[str, None] = {}
    for header in headers:
        text = header.read_text(encoding="utf-8")
        names.update({name: None for name in _MACRO.findall(text) if not _NOT_INTEGERS.search(name)})
    return "".join(f"#define {name} ...\n" for name in names)


if __name__ == "__main__":
    main()
