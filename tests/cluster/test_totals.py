"""`--dask`: the same JSON as without, byte for byte, whatever the files are and wherever they are cut."""

import shlex

import pytest

CALLS = """
xent 'p*.csv:y' 'p*.csv:cat,dog,fox,owl'
xent 'y*.npy' 'z*.npy' --logits -b 2 --sample-weights 't*.parquet:w' --label-smoothing 0.1
xent 'j*.jsonl:y' 'j*.jsonl:p' -r sum --class-weights 1,2,3,4 --ignore-index 3
kl 't*.parquet:cat,dog,fox,owl' 'p*.csv:cat,dog,fox,owl' --js -r mean
bce t2.parquet:dog p2.csv:dog --where g=de,fr
compare 'y*.npy' csv='p*.csv:cat,dog,fox,owl' t='t*.parquet:cat,dog,fox,owl' --metrics accuracy,ece,brier,top3,kl --worst 5 --disagree 4 --by-class --confusion
compare --label y --columns cat,dog,fox,owl 'a=p*.csv' 'b=t*.parquet' --cluster 't*.parquet:u' --bootstrap 100 --metrics ece
compare 'y*.npy' 'z=z*.npy' 'x=t*.parquet:cat,dog,fox,owl' --logits --sample-weights 't*.parquet:w' --bootstrap 100
compare --scores 'a=p*.csv:cat' 'b=t*.parquet:dog' --baseline a --by 'p*.csv:g'
compare 'y*.npy' 'a=p*.csv:y' 'b=p*.csv:cat,dog,fox,owl' --by 'p*.csv:g' --metrics macro_f1
calibrate 'y*.npy' 'z*.npy'
calibrate 'p*.csv:y' 'p*.csv:cat,dog,fox,owl' --probabilities
"""


@pytest.mark.parametrize("line", CALLS.strip().splitlines())
def test_the_same_bytes(cecli, scheduler, line):
    words = [*shlex.split(line), "-f", "json"]
    here, there = cecli(*words), cecli(*words, "--dask", scheduler)
    assert (here.exit_code, there.exit_code) == (0, 0), (here.stderr, there.stderr)
    assert (there.stdout, there.stderr) == (here.stdout, here.stderr)
