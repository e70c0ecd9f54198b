"""Dask collections in the library, on a cluster that is the active client's."""

import dask.array
import dask.dataframe
import numpy as np
import pytest

import cecli


@pytest.fixture(autouse=True)
def active(scheduler):
    """A client, which Dask takes for all that is computed."""
    from distributed import Client

    with Client(scheduler):
        yield


def test_the_active_client_computes(parts):
    """Arrays in chunks, and frames read from files by the workers: the same bits as of what they compute to."""
    frame = dask.dataframe.read_parquet(str(parts / "t*.parquet"))
    z = dask.array.concatenate([dask.array.from_array(np.load(parts / f"z{i}.npy")) for i in range(5)])
    named = frame[["cat", "dog", "fox", "owl"]]
    here = cecli.compare(
        frame["y"].compute(), {"t": named.compute(), "z": z.compute()}, logits=True, worst=3, by=frame["y"].compute()
    )
    assert dict(cecli.compare(frame["y"], {"t": named, "z": z}, logits=True, worst=3, by=frame["y"])) == dict(here)


def test_an_error_of_input_on_a_worker():
    """It is a ValueError here, and not a traceback of the worker."""
    values = np.full((100, 2), 0.5)
    values[70] = 0.6
    with pytest.raises(ValueError, match=r"sample 71 of the prediction sums to 1\.2"):
        cecli.cross_entropy(np.zeros(100, int), dask.array.from_array(values, chunks=(30, 1)))
