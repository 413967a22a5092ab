"""Reads what write_files.ts wrote with NumPy and compares every value with fixtures/numpy.json.

    python3 check_files.py FOLDER               needs numpy and ml_dtypes
"""
import json
import pathlib
import sys
import zipfile

import ml_dtypes
import numpy as np

folder = pathlib.Path(sys.argv[1])
fixture = json.loads((pathlib.Path(__file__).parent / "fixtures" / "numpy.json").read_text())
archives = {name: np.load(folder / f"{name}.npz") for name in ("stored", "compressed")}
for expected in fixture["arrays"]:
    title = expected["title"]
    found = [np.load(folder / f"{title}.npy"), *(archive[title] for archive in archives.values())]
    for array in found:
        if expected["dtype"] == "bfloat16":
            array = array.view(ml_dtypes.bfloat16)
        assert array.dtype.name == expected["dtype"], (title, array.dtype)
        assert list(array.shape) == expected["shape"], title
        kind = int if array.dtype.kind in "iub" else float
        assert [kind(v) for v in array.flatten().tolist()] == [kind(v) for v in expected["values"]], title
for name in archives:
    assert zipfile.ZipFile(folder / f"{name}.npz").testzip() is None, name
print(len(fixture["arrays"]), "arrays agree, alone and in", len(archives), "archives")
