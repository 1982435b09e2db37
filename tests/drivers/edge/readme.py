"""Every line of code in the README of this folder is a line of a program that was run: readme.py FOLDER"""
import pathlib
import re
import sys

folder = pathlib.Path(sys.argv[1])
text = (folder / "README.md").read_text(encoding="utf-8")
programs = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "README.md")

lines = [line.strip() for block in re.findall(r"^```\w+\n(.*?)^```$", text, re.M | re.S) for line in block.splitlines() if line.strip()]
assert len(lines) > 40, "the blocks were not found"
missing = [line for line in lines if line not in programs]
assert not missing, missing

for target in re.findall(r"\]\(([^)]+)\)", text):
    assert (folder / target).exists(), target

questions = [line for line in (folder / "conversation.txt").read_text(encoding="utf-8").splitlines() if not line.startswith(("#", "host\t")) and line != "reopen"]
assert f"the {len(questions)} questions" in text, len(questions)
print(f"{len(lines)} lines of code, each in a program")
