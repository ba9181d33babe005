"""Reads and extends a data folder of Tessera from Python 3.9 on, with the standard library alone. Copy this file.

    import tessera

    home = tessera.Home("my-data", command="./tessera")
    home.import_data("ratings.csv", name="films")
    home.train("films", "sasrec", seeds=[1, 2, 3])
    tessera.to_pandas(home.runs())

Everything goes through the command line, `tessera --json`, so that what it refuses is refused here, as a TesseraError
with its sentence. Rows are dictionaries; `to_pandas` makes a frame of them where pandas is installed.
"""

from __future__ import annotations

import json
import operator
import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Iterable, Mapping, Sequence

Row = dict[str, Any]


class TesseraError(RuntimeError):
    """What the program says where it does not do as asked."""


class Home:
    """A data folder. `command` starts the program: a path, or words such as ["node", "src/main/cli/main.mjs"]."""

    def __init__(self, folder: str | Path | None = None, command: str | Path | Sequence[str] = "tessera") -> None:
        self._words = [*_command(command), *_option("--home", folder), "--json"]

    def call(self, *arguments: object, answers: Sequence[int] = (0,)) -> list[Any]:
        """The JSON values that a command prints. `answers`: codes that it ends with where it has answered."""
        words = [*self._words, *map(str, arguments)]
        try:
            done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8")
        except OSError as error:
            raise TesseraError(f"{words[0]} does not start: {error.strerror or error}") from error
        except ValueError as error:
            # A null character, or half of one that UTF-16 writes as two.
            strange = next((word for word in words if not _is_argument(word)), words[0])
            raise TesseraError(f"{strange!r} cannot be given to a program: {error}") from error
        if done.returncode not in answers or (done.returncode != 0 and not done.stdout):
            said = done.stderr.strip() or done.stdout.strip() or f"ended with code {done.returncode}"
            raise TesseraError(said.removeprefix("tessera: "))
        return list(_values(done.stdout))

    # Reading

    def datasets(self) -> list[Row]:
        """The data sets, newest first."""
        return self.call("datasets", "list")[0]

    def runs(self, project: str | None = None) -> list[Row]:
        """The runs, newest first, with config and metrics."""
        return self.call("runs", "list", *_option("--project", project))[0]

    def run(self, name: str) -> Row:
        """One run, by its id, the beginning of one, or its name."""
        return self.call("runs", "show", *_positional(name))[0]

    def compare(
        self, *runs: str, baseline: str | None = None, metrics: str | Iterable[str] | None = None, slices: bool = False
    ) -> Row:
        """Runs in one table, those that differ in their seed as one row, tested against the baseline."""
        listed = metrics if metrics is None or isinstance(metrics, str) else ",".join(metrics)
        options = [*_option("--baseline", baseline), *_option("--metrics", listed), *(["--slices"] if slices else [])]
        return self.call("compare", *options, *_positional(*runs))[0]

    def ranks(self, run: str) -> list[Row]:
        """Where each user's held-out item was ranked."""
        return self._exported("ranks", run)

    def curves(self, run: str) -> list[Row]:
        """Every point of every metric that a run noted while it trained."""
        return self._exported("curves", run)

    def check_plan(self, file: str | Path) -> Row:
        """What there is of a plan, what is still to be trained, and for how long."""
        return self.call("plan", "check", *_positional(_path(file)))[0]

    def plan_tables(self, file: str | Path, style: str = "markdown") -> str:
        """The tables of a plan from the runs that there are: markdown, csv, acm or ieee."""
        return self.call("plan", "table", "--style", style, *_positional(_path(file)))[0]["text"]

    def check_reproduction(self, what: str | Path) -> Row:
        """Whether data, settings, version and machine of a run, a report or a bundle are those of then, condition by condition."""
        return self.call("reproduce", "--check", *_positional(what), answers=(0, 1))[0]

    def sql(self, query: str, limit: int = 1_000_000) -> list[Row]:
        """One SELECT over the views that `tessera sql` lists."""
        answer = self.call("sql", "--limit", limit, *_positional(query))[0]
        if answer["cut"]:
            raise TesseraError(f"the query has more than {limit} rows; ask for fewer, or set limit")
        columns = answer["columns"]
        twice = next((name for name in columns if columns.count(name) > 1), None)
        if twice is not None:
            raise TesseraError(f"two columns of the query are called {twice}; tell them apart with AS")
        return [dict(zip(columns, row)) for row in answer["rows"]]

    def split(self, dataset: str, out: str | Path, format: str = "csv", **protocol: object) -> Row:
        """Writes what may be trained on, and what is held out, into a folder; its manifest is the answer."""
        out = _path(out)
        self.call("datasets", "export", *_option("--out", out), "--format", format, *_settings(protocol), *_positional(dataset))
        return json.loads((Path(out) / "manifest.json").read_text(encoding="utf-8"))

    def bundle(self, *what: str, out: str | Path, title: str | None = None, lists: bool = True) -> Row:
        """Writes runs, or a saved comparison, as one archive from which others check a table and make it again."""
        options = [*_option("--out", _path(out)), *_option("--title", title), *([] if lists else ["--no-lists"])]
        return self.call("bundle", *options, *_positional(*what))[-1]

    # Adding

    def import_data(self, *paths: str | Path, name: str | None = None) -> Row:
        """Imports interactions or click logs; what they are is detected."""
        return self.call("datasets", "import", *_option("--name", name), *_positional(*map(_path, paths)))[-1]

    def import_results(
        self,
        lists: str | Path | Iterable[Mapping[str, Any]],
        dataset: str,
        *,
        model: str | None = None,
        seed: int | str | None = None,
        program: str | None = None,
        manifest: str | Path | None = None,
        ranked_among: str | None = None,
        **protocol: object,
    ) -> Row:
        """
        Measures recommendations of your own and keeps them as a run: a file, or rows of user, item, and score or rank, which may
        be a frame of pandas. What is not said (manifest or protocol, seed) is unknown, and such a result is never marked best. The seed of a model without
        randomness is "none"; `ranked_among` is "all" candidates or "sampled" ones with the held-out item.
        """
        if not isinstance(lists, (str, Path)):
            rows = list(lists.to_dict("records") if hasattr(lists, "to_dict") else lists)
            if not rows:
                raise TesseraError("there are no rows to import: a result needs a user, an item, and a score or rank in each")
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "lists.jsonl"
                with file.open("w", encoding="utf-8") as out:
                    out.writelines(f"{_line(row)}\n" for row in rows)
                told = {"model": model, "seed": seed, "program": program, "manifest": manifest}
                return self.import_results(file, dataset, ranked_among=ranked_among, **told, **protocol)
        options = [
            *_option("--dataset", dataset),
            *_option("--model", model),
            *_option("--seed", seed),
            *_option("--program", program),
            *_option("--manifest", None if manifest is None else _path(manifest)),
            *_option("--candidates", ranked_among),
        ]
        return self.call("results", "import", *options, *_settings(protocol), *_positional(_path(lists)))[-1]

    def enqueue(self, dataset: str, model: str, *, preset: str | None = None, seeds: int | Iterable[int] = 1, **config: object) -> list[Row]:
        """Puts one run a seed into the queue: they train while the program is open."""
        return [self._train(dataset, model, preset, seed, config, "--queue")[-1] for seed in _seeds(seeds)]

    def train(self, dataset: str, model: str, *, preset: str | None = None, seeds: int | Iterable[int] = 1, **config: object) -> list[Row]:
        """Trains one run a seed, one after the other, and answers with them once all are done."""
        done = [self._train(dataset, model, preset, seed, config)[-1] for seed in _seeds(seeds)]
        return [self.run(row["run"]) for row in done]

    def _train(self, dataset: str, model: str, preset: str | None, seed: int, config: Mapping[str, object], *more: str) -> list[Any]:
        options = [*_option("--dataset", dataset), *_option("--model", model), *_option("--preset", preset), *_option("--seed", seed)]
        return self.call("train", *options, *_settings(config), *more)

    def _exported(self, table: str, run: str) -> list[Row]:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "run"
            self.call("runs", "export", "--format", "jsonl", "--out", out, *_positional(run))
            rows = out / f"{table}.jsonl"
            if not rows.exists():
                return []
            with rows.open(encoding="utf-8") as file:
                return [json.loads(line) for line in file]


def to_pandas(rows: Iterable[Mapping[str, Any]]) -> Any:
    """A frame of rows; what lies deeper becomes columns such as "config.dim"."""
    try:
        import pandas
    except ImportError as error:
        raise TesseraError("pandas is not installed: pip install pandas, or use the rows as they are") from error
    return pandas.json_normalize([dict(row) for row in rows])


def _values(text: str) -> Iterable[Any]:
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        value, at = decoder.raw_decode(text, at)
        yield value


def _is_argument(word: str) -> bool:
    try:
        return b"\0" not in word.encode()
    except UnicodeEncodeError:
        return False


def _path(path: str | Path) -> str:
    # No shell stands between, which would know the "~".
    return os.path.expanduser(path)


def _command(command: str | Path | Sequence[str]) -> list[str]:
    if not isinstance(command, (str, Path)):
        return [str(word) for word in command]
    if isinstance(command, Path) or os.path.isfile(command):
        return [str(command)]
    # A backslash is part of a path on Windows.
    return [word.strip('"') for word in shlex.split(command, posix=False)] if os.name == "nt" else shlex.split(command)


def _seeds(seeds: int | Iterable[int]) -> list[int]:
    # All of them before the first is trained.
    try:
        return [operator.index(seed) for seed in (seeds if hasattr(seeds, "__iter__") else [seeds])]
    except TypeError as error:
        raise TesseraError(f"{seeds!r} are no seeds: give whole numbers such as [1, 2, 3]") from error


def _json(value: object) -> str:
    # NumPy's numbers are none that JSON knows; item() is theirs for it.
    return json.dumps(value, allow_nan=False, default=lambda one: one.item())


def _line(row: Mapping[str, Any]) -> str:
    try:
        return _json(dict(row))
    except (AttributeError, TypeError, ValueError) as error:
        raise TesseraError(f"the row {row!r} cannot be written as JSON: {error}") from error


def _option(name: str, value: object | None) -> list[str]:
    # One word, so that a value that begins with a dash is no option.
    return [] if value is None else [f"{name}={value}"]


def _settings(config: Mapping[str, object]) -> list[str]:
    def text(key: str, value: object) -> str:
        try:
            return value if isinstance(value, str) else _json(value)
        except (AttributeError, TypeError, ValueError) as error:
            raise TesseraError(f"{key}={value!r} cannot be written as JSON: {error}") from error

    return [f"--set={key}={text(key, value)}" for key, value in config.items()]


def _positional(*values: object) -> list[str]:
    return ["--", *map(str, values)]
