"""An epoch and an evaluation of the SASRec of RecTools, at the sizes of bench/sequential.ts' Amazon Beauty: width 64, 2 blocks, 2
heads, histories of 50, softmax over all items, batches of 128, lists of 10 without the items of the history.

usage: rectools_sasrec.py LENGTHS_FILE ITEMS THREADS
LENGTHS_FILE holds a JSON list: the positions trained of every user. Prints one JSON line: seconds of process CPU of an "epoch" and of
an "evaluation".
"""
import json
import sys
import time
import warnings

import numpy as np
import pandas as pd
import torch
from rectools.dataset import Dataset
from rectools.models import SASRecModel

warnings.filterwarnings("ignore")


def main():
    with open(sys.argv[1]) as file:
        lengths = np.array(json.load(file)) + 1
    items, threads = int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    users = np.repeat(np.arange(len(lengths)), lengths)
    rows = np.random.default_rng(3).integers(0, items, len(users))
    # Every item is there, as it is in ours.
    rows[:items] = np.arange(items)
    times = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(len(users)), unit="min")
    dataset = Dataset.construct(pd.DataFrame({"user_id": users, "item_id": rows, "weight": 1.0, "datetime": times}))
    model = SASRecModel(
        epochs=1, n_blocks=2, n_heads=2, n_factors=64, session_max_len=50, batch_size=128, loss="softmax", dropout_rate=0.5,
        dataloader_num_workers=0, verbose=0, recommend_torch_device="cpu",
    )
    start = time.process_time()
    model.fit(dataset)
    trained = time.process_time()
    model.recommend(np.arange(len(lengths)), dataset, k=10, filter_viewed=True)
    print(json.dumps({"epoch": trained - start, "evaluation": time.process_time() - trained}))


main()
