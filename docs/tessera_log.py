"""Logs a training of any program into a home of Tessera, where it shows up while it trains (docs/journal.md).

Needs Python 3.8 and nothing else. Copy the file beside your program:

    from tessera_log import Run
    with Run("~/tessera", "PyTorch 2.6", model="BERT4Rec", config={"dim": 64}, seed=1) as run:
        for step in range(1, 201):
            run.log(step, {"loss": train_one_step()}, epoch=step // 50)
            run.progress(step, 200)
        run.finish({"test/ndcg@10": 0.0412})

Nothing here raises: a training goes on without its log, and stderr says why, once for each reason.
"""
import functools, json, math, os, secrets, socket, sys, threading, time, zlib

DIGITS, SINCE_2024 = "0123456789abcdefghjkmnpqrstvwxyz", 1704067200000
EXACT = 2**53  # whole numbers up to here are exact in every JSON
now = lambda: int(time.time() * 1000)


def run_id(number=None, digits=11):
    number = (now() - SINCE_2024) * 32**3 + secrets.randbelow(32**3) if number is None else number
    return run_id(number // 32, digits - 1) + DIGITS[number % 32] if digits else ""


def this_process():
    try:
        with open("/proc/self/stat") as stat, open("/proc/sys/kernel/random/boot_id") as boot:
            started, scope = stat.read().rpartition(")")[2].split()[19], boot.read().strip()
        return {"pid": os.getpid(), "pidScope": f"linux:{scope}:{os.readlink('/proc/self/ns/pid')}", "startTime": started}
    except OSError:  # not Linux: the time of the file's last change is the sign of life
        return {"pid": os.getpid(), "pidScope": f"{sys.platform}:{socket.gethostname()}", "startTime": ""}


def number(value):  # of any kind that knows float(), such as a tensor of one element
    value = float(value)
    return value if math.isfinite(value) else {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]


def plain(value, depth=0):
    """A value as JSON has it: numbers of any library are numbers, arrays are lists, and what else there is its text."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if abs(value) < EXACT else str(value)
    if isinstance(value, float):
        return number(value)
    if depth < 20 and isinstance(value, dict):
        return {str(key): tried(lambda: plain(entry, depth + 1), key) for key, entry in value.items()}
    if depth < 20 and isinstance(value, (list, tuple, set, frozenset)):
        return [plain(entry, depth + 1) for entry in value]
    if depth < 20 and callable(getattr(value, "tolist", None)):  # NumPy and PyTorch
        return plain(value.tolist(), depth + 1)
    return str(value)


complaints = set()


def complain(text):
    try:
        if text not in complaints and len(complaints) < 100:
            complaints.add(text)
            print(f"tessera_log: {text}", file=sys.stderr)
    except Exception:  # stderr may be closed
        pass


def tried(work, what):
    try:
        return work()
    except Exception as error:
        complain(f"{what}: {type(error).__name__}: {error}")


def quiet(method):
    return functools.wraps(method)(lambda *given, **named: tried(lambda: method(*given, **named), method.__name__))


class Run:
    id = path = None
    open = False

    @quiet
    def __init__(self, home, program, **facts):  # facts: name, model, dataset, seed, config; None is not known
        self.id, self.began = run_id(), time.time()
        home = os.path.expanduser(home)
        if not os.path.exists(os.path.join(home, "tessera.db")):
            raise FileNotFoundError(f"{home} is no data folder of Tessera: open it once with tessera --home {home} runs list")
        known = {key: tried(lambda: plain(value), key) for key, value in facts.items()}
        known = {key: value for key, value in known.items() if value is not None}
        if isinstance(known.get("seed"), str):  # beyond what is exact
            known["config"] = {"seed": known.pop("seed"), **known.get("config", {})}
        runs = os.path.join(home, "runs")
        hidden, journal = os.path.join(runs, f".{self.id}"), f"events-1-{now()}.jsonl"
        os.makedirs(hidden, 0o700)
        self.path = os.path.join(hidden, journal)
        self.write("opened", version=1, process=this_process())
        self.write("run", program=str(program), **known)
        os.rename(hidden, os.path.join(runs, self.id))  # whole or not there
        self.path, self.open = os.path.join(runs, self.id, journal), True
        threading.Thread(target=self.beat, daemon=True).start()

    @quiet
    def write(self, type, **record):
        if self.path is None:
            return
        data = json.dumps({"type": type, "time": now(), **record}, allow_nan=False).encode()
        with open(self.path, "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(b"%d %08x %s\n" % (len(data), zlib.crc32(data), data))
            if type in ("opened", "finished", "failed"):
                file.flush(), os.fsync(file.fileno())

    @quiet
    def beat(self):
        while self.open:
            time.sleep(20)
            if os.path.exists(self.path):
                os.utime(self.path)

    def numbers(self, metrics):  # those that are numbers
        values = {str(name): tried(lambda: number(value), f"metric {name}") for name, value in (metrics or {}).items() if value is not None}
        return {name: value for name, value in values.items() if value is not None}

    @quiet
    def log(self, step, metrics, epoch=0):  # steps grow
        self.write("series", points=[{"metric": name, "steps": [int(step)], "epochs": [number(epoch or 0)], "times": [now()],
                                      "values": [value]} for name, value in self.numbers(metrics).items()])

    @quiet
    def progress(self, done, total, unit="steps", epoch=1, epochs=1):
        done, total = number(done), number(total)
        rate = done / max(1e-9, time.time() - self.began)
        self.write("progress", phase="train", epoch=number(epoch), epochs=number(epochs), done=done, total=total, unit=str(unit),
                   rate=rate, secondsLeft=(total - done) / rate if rate else None, loss=None)

    @quiet
    def message(self, text, level="info"):  # or warn, error
        self.write("log", level=str(level), message=str(text))

    def wants_stop(self):  # Cancel was pressed
        return bool(self.path) and os.path.exists(f"{self.path}.request")

    @quiet
    def finish(self, metrics=None):
        self.write("finished", metrics=self.numbers(metrics))
        self.open = False

    @quiet
    def fail(self, message, outcome="failed"):  # or cancelled, out-of-memory, diverged
        self.write("failed", outcome=str(outcome), message=" ".join(str(message).splitlines()[:1]) or None, log=None)
        self.open = False

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if self.open:
            self.finish() if kind is None else self.fail(tried(lambda: f"{kind.__name__}: {error}", "the error") or kind.__name__)
