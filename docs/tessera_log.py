"""Logs a training of any program into a home of Tessera, where it shows up while it trains (docs/journal.md).

Needs Python 3.8 and nothing else. Copy the file beside your program:

    from tessera_log import Run
    with Run("~/tessera", "PyTorch 2.6", model="BERT4Rec", config={"dim": 64}, seed=1) as run:
        for step in range(1, 201):
            run.log(step, {"loss": train_one_step()}, epoch=step // 50)
            run.progress(step, 200)
        run.finish({"test/ndcg@10": 0.0412})
"""
import json, math, os, random, socket, sys, threading, time, zlib

DIGITS, SINCE_2024 = "0123456789abcdefghjkmnpqrstvwxyz", 1704067200000
now = lambda: int(time.time() * 1000)


def run_id(number=None, digits=11):
    number = (now() - SINCE_2024) * 32**3 + random.randrange(32**3) if number is None else number
    return run_id(number // 32, digits - 1) + DIGITS[number % 32] if digits else ""


def this_process():
    try:
        with open("/proc/self/stat") as stat, open("/proc/sys/kernel/random/boot_id") as boot:
            started, scope = stat.read().rpartition(")")[2].split()[19], boot.read().strip()
        return {"pid": os.getpid(), "pidScope": f"linux:{scope}:{os.readlink('/proc/self/ns/pid')}", "startTime": started}
    except OSError:  # not Linux: the time of the file's last change is the sign of life
        return {"pid": os.getpid(), "pidScope": f"{sys.platform}:{socket.gethostname()}", "startTime": ""}


def number(value):
    value = float(value)
    return value if math.isfinite(value) else {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]


class Run:
    def __init__(self, home, program, **facts):  # facts: name, model, dataset, seed, config
        self.id, self.began, self.open = run_id(), time.time(), True
        home = os.path.expanduser(home)
        if not os.path.exists(os.path.join(home, "tessera.db")):
            raise FileNotFoundError(f"{home} is no data folder of Tessera: open it once with tessera --home {home} runs list")
        runs = os.path.join(home, "runs")
        hidden, journal = os.path.join(runs, f".{self.id}"), f"events-1-{now()}.jsonl"
        os.makedirs(hidden, 0o700)
        self.path = os.path.join(hidden, journal)
        self.write("opened", version=1, process=this_process())
        self.write("run", program=program, **facts)
        os.rename(hidden, os.path.join(runs, self.id))  # whole or not there
        self.path = os.path.join(runs, self.id, journal)
        threading.Thread(target=self.beat, daemon=True).start()

    def write(self, type, **record):
        data = json.dumps({"type": type, "time": now(), **record}, default=str, allow_nan=False).encode()
        try:
            with open(self.path, "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                file.write(b"%d %08x %s\n" % (len(data), zlib.crc32(data), data))
                if type in ("opened", "finished", "failed"):
                    file.flush(), os.fsync(file.fileno())
        except OSError as error:  # a training goes on without its log
            print(f"tessera_log: {error}", file=sys.stderr)

    def beat(self):
        while self.open:
            time.sleep(20)
            if os.path.exists(self.path):
                os.utime(self.path)

    def log(self, step, metrics, epoch=0):  # steps grow
        self.write("series", points=[{"metric": name, "steps": [int(step)], "epochs": [int(epoch)], "times": [now()],
                                      "values": [number(value)]} for name, value in metrics.items()])

    def progress(self, done, total, unit="steps", epoch=1, epochs=1):
        rate = done / max(1e-9, time.time() - self.began)
        self.write("progress", phase="train", epoch=epoch, epochs=epochs, done=done, total=total, unit=unit, rate=rate,
                   secondsLeft=(total - done) / rate if rate else None, loss=None)

    def message(self, text, level="info"):  # or warn, error
        self.write("log", level=level, message=text)

    def wants_stop(self):  # Cancel was pressed
        return os.path.exists(f"{self.path}.request")

    def finish(self, metrics=None):
        self.write("finished", metrics={name: number(value) for name, value in (metrics or {}).items()})
        self.open = False

    def fail(self, message, outcome="failed"):  # or cancelled, out-of-memory
        self.write("failed", outcome=outcome, message=str(message).splitlines()[0] if str(message) else None, log=None)
        self.open = False

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if self.open:
            self.finish() if kind is None else self.fail(f"{kind.__name__}: {error}")
