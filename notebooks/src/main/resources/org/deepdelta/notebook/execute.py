"""Executes notebooks on one kernel named java: execute.py on|stop FOLDER SECONDS_A_CELL INPUT OUTPUT [INPUT OUTPUT]...

Each runs from its first cell on, as "Run all cells" does. Prints "notebook K" before the K-th, from 0, and "cell I N" before each code cell I of N
cells. A cell that fails ends its notebook, or with "on" the others are run all the same; OUTPUT holds what was executed, with errors among
the outputs of their cells. Exit code 0 either way; anything else is a fault of Jupyter or of the kernel, told on standard error.
"""
import asyncio
import sys

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


class Client(NotebookClient):
    goes_on = False

    async def async_execute_cell(self, cell, cell_index, **options):
        if cell.cell_type == "code":
            print("cell", cell_index + 1, len(self.nb.cells), flush=True)
        try:
            return await super().async_execute_cell(cell, cell_index, **options)
        except CellExecutionError as error:
            # A kernel may answer "error" and publish none: the reply's text is kept in its place.
            if not any(output.output_type == "error" for output in cell.outputs):
                cell.outputs.append(nbformat.v4.new_output(
                    "error", ename=str(error.ename), evalue=str(error.evalue), traceback=str(error).splitlines()))
            if not self.goes_on:
                raise
            return cell


def joined(outputs):
    """Neighbouring pieces of one stream as one output: how a kernel cuts its text is chance."""
    result = []
    for output in outputs:
        last = result[-1] if result else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            result.append(output)
    return result


async def main(on, folder, seconds, *files):
    client = Client(nbformat.v4.new_notebook(), kernel_name="java", timeout=int(seconds), startup_timeout=120, record_timing=False,
                    resources={"metadata": {"path": folder}})
    client.goes_on = on == "on"
    async with client.async_setup_kernel():
        for k in range(len(files) // 2):
            print("notebook", k, flush=True)
            client.nb = notebook = nbformat.read(files[2 * k], as_version=4)
            for cell in notebook.cells:
                if cell.cell_type == "code":
                    cell.outputs, cell.execution_count = [], None
            try:
                await client.async_execute(cleanup_kc=False)
            except CellExecutionError:
                pass
            finally:
                for cell in notebook.cells:
                    if cell.cell_type == "code":
                        cell.outputs = joined(cell.outputs)
                nbformat.write(notebook, files[2 * k + 1])


asyncio.run(main(*sys.argv[1:]))
