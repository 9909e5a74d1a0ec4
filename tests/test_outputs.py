"""What tools/outputs.py stores: notebooks that do not change by themselves and that convert."""

import ast
import subprocess
import sys

import nbformat
import outputs
import pytest
from bookfiles import BOOK, NOTEBOOKS, cells, name_of, notebook


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_every_notebook_says_what_language_it_is_in(path):
    assert notebook(path)["metadata"]["language_info"] == outputs.LANGUAGE
    assert notebook(path)["metadata"]["kernelspec"] == outputs.KERNEL


def test_a_notebook_becomes_a_script_with_its_prose_as_comments(tmp_path):
    chapter = BOOK / "04-walk-downhill.ipynb"
    command = [sys.executable, "-m", "nbconvert", "--to", "script", f"--output-dir={tmp_path}"]
    done = subprocess.run([*command, str(chapter)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    script = (tmp_path / "04-walk-downhill.py").read_text("utf-8")
    ast.parse(script)
    assert "# # 4 · Walk downhill" in script
    assert script.count("# In[") == len(cells(chapter, "code"))


def test_what_belongs_to_one_machine_or_moment_is_dropped():
    cell = nbformat.v4.new_code_cell("1 + 1", metadata={"execution": {"at": "noon"}})
    cell.outputs = [
        nbformat.v4.new_output(
            "execute_result", data={"text/plain": "2", "text/html": "<b>2</b>"}, execution_count=9
        )
    ]
    made = nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {"state": 1}})
    made.metadata["language_info"] = {"name": "python", "version": "3.11.2"}
    stored = outputs.normalise(made)
    assert stored.metadata == {"kernelspec": outputs.KERNEL, "language_info": outputs.LANGUAGE}
    assert stored.cells[0].metadata == {}
    assert stored.cells[0].outputs[0].data == {"text/plain": "2"}
    assert stored.cells[0].outputs[0].execution_count == 1
