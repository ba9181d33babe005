"""An epoch and an evaluation of the SASRec of RecBole, at the sizes of bench/sequential.ts' Amazon Beauty: width 64, 2 blocks, 2
heads, histories of 50, softmax over all items. It trains on every prefix of a history as a row of its own, 2,048 a batch, which is its
default, and ranks all items at the last interaction of each user.

usage: recbole_sasrec.py LENGTHS_FILE ITEMS THREADS
LENGTHS_FILE holds a JSON list: the positions trained of every user. Prints one JSON line: seconds of process CPU of an "epoch" and of
an "evaluation".
"""
import json
import logging
import os
import sys
import tempfile
import time
import warnings

import numpy as np
import torch
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.utils import get_model, get_trainer, init_seed

warnings.filterwarnings("ignore")


def write_interactions(folder, lengths, items):
    # The last two interactions of each user validate and test.
    counts = lengths + 3
    users = np.repeat(np.arange(len(lengths)), counts)
    rows = np.random.default_rng(3).integers(0, items, len(users))
    # Every item is there, as it is in ours.
    rows[:items] = np.arange(items)
    os.makedirs(f"{folder}/sizes")
    with open(f"{folder}/sizes/sizes.inter", "w") as file:
        file.write("user_id:token\titem_id:token\ttimestamp:float\n")
        file.writelines(f"{user}\t{item}\t{at}\n" for at, (user, item) in enumerate(zip(users, rows)))


def settings(folder):
    return {
        "data_path": folder, "load_col": {"inter": ["user_id", "item_id", "timestamp"]}, "train_neg_sample_args": None,
        "MAX_ITEM_LIST_LENGTH": 50, "hidden_size": 64, "inner_size": 64, "n_layers": 2, "n_heads": 2, "loss_type": "CE", "hidden_dropout_prob": 0.5, "attn_dropout_prob": 0.5,
        "train_batch_size": 2048, "eval_batch_size": 256, "epochs": 1, "metrics": ["NDCG"], "topk": [10], "valid_metric": "NDCG@10",
        "eval_args": {"split": {"LS": "valid_and_test"}, "order": "TO", "mode": "full", "group_by": "user"},
        "use_gpu": False, "worker": 0, "show_progress": False, "state": "CRITICAL", "checkpoint_dir": folder, "save_dataset": False,
    }


def main():
    with open(sys.argv[1]) as file:
        lengths = np.array(json.load(file))
    items, threads = int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        write_interactions(folder, lengths, items)
        # It reads the command line for settings of its own.
        sys.argv = sys.argv[:1]
        config = Config(model="SASRec", dataset="sizes", config_dict=settings(folder))
        init_seed(1, True)
        dataset = create_dataset(config)
        train, _, test = data_preparation(config, dataset)
        model = get_model("SASRec")(config, train.dataset)
        trainer = get_trainer(config["MODEL_TYPE"], "SASRec")(config, model)
        start = time.process_time()
        trainer.fit(train, saved=False, show_progress=False)
        trained = time.process_time()
        trainer.evaluate(test, load_best_model=False, show_progress=False)
        print(json.dumps({"epoch": trained - start, "evaluation": time.process_time() - trained}))


main()
