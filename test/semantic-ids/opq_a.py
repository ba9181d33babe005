"""Writes opq-a.json: iterations of optimised product quantisation from a given start, by NumPy's SVD.

Usage: opq_a.py > opq-a.json
The non-parametric solution of Ge, He, Ke and Sun (2013), section 3.1: nearest codewords, their means, nearest codewords
again, then the rotation R = U V^T of X^T Y = U S V^T, where Y is what X R is quantised to. Needs numpy.
"""
import json

import numpy as np

draw = np.random.default_rng(7)
ROWS, DIM, CODES, ITERATIONS = 80, 7, 4, 6
# The parts of 7 numbers in 3: as even as they can be.
PARTS = [(0, 2), (2, 4), (4, 7)]

points = (draw.normal(size=(ROWS, DIM)) @ draw.normal(size=(DIM, DIM))).astype(np.float32)
rotation = np.linalg.qr(draw.normal(size=(DIM, DIM)))[0]
start = rotation.copy()
centroids = [(points @ rotation)[:CODES, a:b].astype(np.float32) for a, b in PARTS]
first = [c.copy() for c in centroids]


def nearest(part, words):
    return ((part[:, None] - words[None]) ** 2).sum(-1).argmin(1)


errors = []
for _ in range(ITERATIONS):
    rotated = points.astype(np.float64) @ rotation
    quantised = np.empty_like(rotated)
    for at, (a, b) in enumerate(PARTS):
        part = rotated[:, a:b]
        codes = nearest(part, centroids[at].astype(np.float64))
        assert len(set(codes)) == CODES, "an empty codeword: take another seed"
        words = np.stack([part[codes == code].mean(0) for code in range(CODES)])
        centroids[at] = words
        quantised[:, a:b] = words[nearest(part, words)]
    u, _, vt = np.linalg.svd(points.T.astype(np.float64) @ quantised)
    rotation = u @ vt
    errors.append(float(((points @ rotation - quantised) ** 2).sum()))

print(json.dumps({
    "dim": DIM, "iterations": ITERATIONS, "points": points.ravel().tolist(),
    "start": {"rotation": start.ravel().tolist(), "centroids": [c.ravel().tolist() for c in first]},
    "end": {"rotation": rotation.ravel().tolist(), "centroids": [c.ravel().tolist() for c in centroids]},
    "errors": errors,
}))
