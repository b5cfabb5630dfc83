#!/usr/bin/env python3
"""embed.py OUT NAME FILE... : files as one C table of (name, bytes, length)."""
import pathlib
import sys

out, name, *files = sys.argv[1:]
text = ["/* made by tools/embed.py */", '#include "base/embed.h"', ""]
rows = []
for i, path in enumerate(sorted(files)):
    data = pathlib.Path(path).read_bytes()
    body = ",".join(map(str, data + b"\0"))
    text.append(f"static const unsigned char file_{i}[] = {{{body}}};")
    rows.append(f'\t{{"{pathlib.Path(path).name}", file_{i}, {len(data)}}},')
text += ["", f"const struct embed {name}[] = {{", *rows, "\t{0, 0, 0},", "};", ""]
pathlib.Path(out).write_text("\n".join(text))
