"""A cluster of two processes for all tests of this folder, and files in parts."""

import json
import logging
import os

import numpy as np
import pytest

from cecli.running import cluster, walk

pytest.importorskip("distributed")
pytest.importorskip("pyarrow")

CLASSES = ["cat", "dog", "fox", "owl"]
ROWS = (1000, 7, 1700, 1, 1201)
"""Of each part; a step is of 1024."""


@pytest.fixture(scope="package")
def scheduler():
    """The address of a scheduler with two workers; a killed one is missed after 2 seconds, not 30. It ends with this folder: idle ones cost time too."""
    os.environ["DASK_LOGGING__DISTRIBUTED"] = "critical"
    import dask
    from distributed import LocalCluster

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "2s", "distributed.worker.profile.enabled": False}),
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs=False,  # which would silence the handlers that tests of other folders read
        ) as cluster,
    ):
        yield cluster.scheduler_address


@pytest.fixture(scope="session")
def parts(tmp_path_factory):
    """A folder of parts: CSV with labels and groups, Parquet in groups of rows, NPY of logits in float32, JSON Lines."""
    import pyarrow
    import pyarrow.parquet

    folder, random = tmp_path_factory.mktemp("parts"), np.random.default_rng(18)
    for i, n in enumerate(ROWS):
        z = random.normal(size=(n, len(CLASSES)))
        y = (z + random.gumbel(size=z.shape)).argmax(axis=1)
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        columns = {
            "y": y,
            "g": random.choice(["de", "fr", "en"], n),
            "w": random.gamma(2, size=n),
            "u": random.integers(0, 99, n),
        }
        text = [f"{a},{b},{','.join(f'{v:.9f}' for v in row)}\n" for a, b, row in zip(y, columns["g"], p, strict=True)]
        (folder / f"p{i}.csv").write_text(f"y,g,{','.join(CLASSES)}\n# a comment\n\n{''.join(text)}")
        np.save(folder / f"z{i}.npy", z.astype(np.float32))
        np.save(folder / f"y{i}.npy", y)
        by_name = columns | dict(zip(CLASSES, p.T, strict=True))
        pyarrow.parquet.write_table(pyarrow.table(by_name), folder / f"t{i}.parquet", row_group_size=300)
        lines = [json.dumps({"y": int(a), "p": row}) for a, row in zip(y, p.round(9).tolist(), strict=True)]
        (folder / f"j{i}.jsonl").write_text("\n".join(lines))
    return folder


@pytest.fixture(autouse=True)
def in_parts(parts, monkeypatch):
    """Tests work in the folder of the parts; files of more than 20 kB are cut, those of less than 8 kB read together, and steps are short."""
    monkeypatch.chdir(parts)
    monkeypatch.setattr(cluster, "PIECE", 20_000)
    monkeypatch.setattr(cluster, "SMALL", 8_000)
    monkeypatch.setattr(walk, "BATCH_VALUES", 4096)
    monkeypatch.setattr(walk, "LARGE_BATCH_BYTES", 32768)
