/** The client for Python and its notebook, with a real data folder and the real command line. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { isWhole } from '../form.ts';

const PROJECT = join(import.meta.dirname, '../..');
const python = ['python3', 'python'].find((name) => spawnSync(name, ['-c', '']).status === 0);
// Some dozen commands, of one to three seconds each.
const wanted = isWhole || process.env.TESSERA_REMOTE !== undefined;

function run(args: string[]): { lines: unknown[]; stderr: string; status: number | null } {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-python-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { stdout, stderr, status } = spawnSync(python as string, args, {
    cwd: PROJECT,
    encoding: 'utf8',
    env: {
      ...process.env,
      NOTEBOOK_FOLDER: folder,
      TESSERA_COMMAND: `${process.execPath} --disable-warning=ExperimentalWarning src/main/cli/main.mjs`,
    },
  });
  return {
    lines: stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
    stderr,
    status,
  };
}

it.skipIf(!python || !wanted)(
  'the notebook trains, exports a split, measures a model of its own on it, compares and queues',
  () => {
    const { lines, stderr, status } = run(['test/python/notebook.py', 'docs/tessera.ipynb']);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const [baselines, files, compared, verdict, queued] = lines as [
      [string, number][],
      string[],
      [string, number, number][],
      string,
      [string, string][],
    ];
    expect(baselines.map(([name]) => name)).toEqual(['popularity-films-seed1', 'itemknn-films-seed1']);
    expect(files).toEqual([
      'croissant.json',
      'items.csv',
      'manifest.json',
      'test.csv',
      'train.csv',
      'validation.csv',
    ]);
    // The comparison has the numbers that the runs were given, and the model of the notebook.
    for (const [at, [, ndcg]] of baselines.entries()) expect(compared[at][1]).toBeCloseTo(ndcg, 4);
    // Films of the sample follow each other: read upside down, the lists would be worse than the baselines.
    expect(compared[2][1]).toBeGreaterThan(compared[1][1]);
    expect(verdict).toMatch(/^better for \d+ members, worse for \d+$/);
    expect(queued).toEqual([
      ['sasrec-films-seed1', 'queued'],
      ['sasrec-films-seed2', 'queued'],
    ]);
  },
  180_000,
);

const refusals = `
import sys
sys.path.insert(0, "docs")
import json, os, tessera
home = tessera.Home(os.environ["NOTEBOOK_FOLDER"], command=os.environ["TESSERA_COMMAND"])
for ask in (
    lambda: home.run("--help"),
    lambda: home.run("a\\0b"),
    lambda: home.run("a\\ud800b"),
    lambda: home.import_results([], "films"),
    lambda: home.train("films", "no-such-model"),
    lambda: tessera.Home(command="/no/such/program").runs(),
    lambda: home.import_results([{"user": 1, "item": 2, "score": float("nan")}], "films"),
    lambda: home.import_results([{"user": 1, "item": object()}], "films"),
    lambda: home.check_reproduction("no-such-run"),
    lambda: home.check_plan("/no/plan.yaml"),
):
    try:
        ask()
    except tessera.TesseraError as error:
        print(json.dumps(str(error)))
`;

it.skipIf(!python || !wanted)('what the program refuses is refused with its sentence', () => {
  const { lines, stderr } = run(['-c', refusals]);
  expect(stderr).toBe('');
  expect(lines).toEqual([
    expect.stringMatching(/^there is no run "--help"/),
    "'a\\x00b' cannot be given to a program: embedded null byte",
    expect.stringMatching(/^'a\\ud800b' cannot be given to a program: /),
    expect.stringMatching(/^there are no rows to import: /),
    expect.stringContaining('unknown model "no-such-model"; choose one of: popularity'),
    '/no/such/program does not start: No such file or directory',
    expect.stringMatching(/^the row \{'user': 1, 'item': 2, 'score': nan\} cannot be written as JSON: /),
    expect.stringMatching(/^the row .* cannot be written as JSON: 'object' object has no attribute 'item'$/),
    expect.stringMatching(/^there is no run "no-such-run"/),
    expect.stringMatching(/^\/no\/plan\.yaml: cannot be read: /),
  ]);
});

const numpyRow = `
import json, sys
sys.path.insert(0, "docs")
import tessera
class Int64:  # As NumPy's, which json refuses.
    def __init__(self, value): self.value = value
    def item(self): return self.value
print(json.dumps(tessera._line({"user": Int64(9007199254740993), "rank": Int64(1)})))
`;

it.skipIf(!python)('rows may hold numbers of NumPy, and ids beyond 2^53', () => {
  expect(run(['-c', numpyRow]).lines).toEqual(['{"user": 9007199254740993, "rank": 1}']);
});

const passed = `
import json, sys, os, pathlib
sys.path.insert(0, "docs")
import tessera
class Float32:
    def item(self): return 0.5
class Frame:  # As pandas has it: it yields the names of its columns.
    def __iter__(self): return iter(["user", "item"])
    def to_dict(self, orient): return [{"user": 1, "item": 2}]
class Spy(tessera.Home):
    def call(self, *words, answers=(0,)):
        file = next((word for word in words if str(word).endswith("lists.jsonl")), None)
        print(json.dumps([*words[:1], *(words[1:] if file is None else [pathlib.Path(file).read_text()])]))
        return [{"columns": ["id", "id"], "rows": [[1, 2]], "cut": False, "run": "r"}]
home = Spy("~/data", command=pathlib.Path("/opt/my tools/tessera"))
print(json.dumps(home._words))
home.enqueue("films", "sasrec", seeds=3, lr=Float32())
home.compare("a", metrics="ndcg@10")
home.import_results(Frame(), "films")
for ask in (
    lambda: home.train("films", "sasrec", seeds="1-3"),
    lambda: home.enqueue("films", "sasrec", lr=float("nan")),
    lambda: home.import_results(["user"], "films"),
    lambda: home.sql("SELECT a.id, b.id"),
):
    try:
        ask()
    except tessera.TesseraError as error:
        print(json.dumps(str(error)))
`;

it.skipIf(!python)('what people pass is said as they mean it, or refused before anything is done', () => {
  const { lines, stderr } = run(['-c', passed]);
  expect(stderr).toBe('');
  const [words, queued, compared, imported, seeds, nan, row, , twice] = lines;
  expect(words).toEqual(['/opt/my tools/tessera', '--home=~/data', '--json']);
  expect(queued).toEqual(expect.arrayContaining(['--seed=3', '--set=lr=0.5']));
  expect(compared).toContain('--metrics=ndcg@10');
  expect(imported).toEqual(['results', '{"user": 1, "item": 2}\n']);
  expect(seeds).toBe("'1-3' are no seeds: give whole numbers such as [1, 2, 3]");
  expect(nan).toMatch(/^lr=nan cannot be written as JSON/);
  expect(row).toMatch(/^the row 'user' cannot be written as JSON/);
  expect(twice).toBe('two columns of the query are called id; tell them apart with AS');
});

it.skipIf(!python)('the client needs nothing but the standard library, of Python 3.9', () => {
  const check = 'import ast, sys; ast.parse(open(sys.argv[1]).read(), feature_version=(3, 9))';
  execFileSync(python as string, ['-c', check, 'docs/tessera.py'], { cwd: PROJECT });
  const imported =
    'import sys; sys.path.insert(0, "docs"); sys.modules["pandas"] = None; import tessera; tessera.to_pandas([])';
  const { stderr } = spawnSync(python as string, ['-c', imported], { cwd: PROJECT, encoding: 'utf8' });
  expect(stderr).toContain('pandas is not installed');
});
