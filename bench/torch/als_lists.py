"""Lists of 50 by the ALS of implicit for leave-last-out, as a file that "tessera results import" reads: trained on all but the last two
interactions of a user, without the items before the last one.

usage: als_lists.py RATINGS_CSV LISTS_CSV
RATINGS_CSV has user, item, rating and timestamp as its first four columns, under any names.
"""
import csv
import sys

import numpy as np
import pandas as pd
from implicit.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix

LENGTH = 50


def main():
    ratings = pd.read_csv(sys.argv[1], dtype=str)
    user, item, _, time = ratings.columns[:4]
    ratings[time] = pd.to_numeric(ratings[time])
    ratings = ratings.sort_values([user, time], kind="stable")
    users, user_ids = pd.factorize(ratings[user])
    items, item_ids = pd.factorize(ratings[item])
    from_end = ratings.groupby(user).cumcount(ascending=False).to_numpy()

    def matrix(chosen):
        ones = np.ones(chosen.sum(), dtype=np.float32)
        return csr_matrix((ones, (users[chosen], items[chosen])), shape=(len(user_ids), len(item_ids)))

    model = AlternatingLeastSquares(factors=64, iterations=15, random_state=1, num_threads=1)
    model.fit(matrix(from_end >= 2), show_progress=False)
    found, _ = model.recommend(np.arange(len(user_ids)), matrix(from_end >= 1), N=LENGTH)
    with open(sys.argv[2], "w", newline="") as file:
        lists = csv.writer(file)
        lists.writerow(["user", "item", "rank"])
        for row, listed in enumerate(found):
            lists.writerows([user_ids[row], item_ids[one], rank + 1] for rank, one in enumerate(listed) if one >= 0)


main()
