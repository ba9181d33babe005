/** Which part of the sources may import which, why, and what to do instead. Paths are relative to the project. */

export interface Rule {
  name: string;
  /** Importing files. A group may be named $1 in `forbidden` and `allowed`. */
  from: RegExp;
  /** What they may not import: files, or packages as "npm:name" and "node:name". */
  forbidden: string;
  /** Exceptions from `forbidden`. */
  allowed?: string;
  /** Whether types may be imported all the same. */
  typesAllowed?: boolean;
  /** Why it is so, and the way out. */
  reason: string;
}

export const rules: readonly Rule[] = [
  {
    name: 'core-knows-no-shell',
    from: /^src\/core\//,
    forbidden: '^(src/(main|renderer)/|npm:electron$)',
    reason: 'core runs in every process and in tests; pass what it needs as an argument',
  },
  {
    name: 'the-contract-is-the-top-floor',
    from: /^src\/core\/(?!api\/)/,
    forbidden: '^src/core/api/',
    reason: 'only the window and main read the contract; put shared words into the room that owns them',
  },
  {
    name: 'renderer-sees-only-the-contract',
    from: /^src\/renderer\//,
    forbidden: '^src/(main|core)/',
    allowed: '^src/core/api/',
    reason: 'the window reaches everything else through procedures; re-export a type from core/api',
  },
  {
    name: 'a-page-answers-from-what-it-holds',
    from: /^src\/page\//,
    forbidden: '^(src/|npm:|node:)',
    allowed: '^src/(page/|core/(documents|evaluation)/)',
    reason: 'it stands in a file alone; what it computes is what core/documents/page computes',
  },
  {
    name: 'plot-is-loaded-to-draw',
    from: /^src\/(main|core)\/(?!figures\/|api\/drawing\.ts|documents\/writers\/draw\.ts)/,
    forbidden: '^(src/core/(figures/(axis|draw|marks|plan)|api/drawing)|npm:@observablehq/plot)',
    reason:
      'it brings half a megabyte that most commands do without; hand on the plain data of a figure, and import documents/writers/draw.ts where something is drawn',
  },
  {
    name: 'tensorflow-is-loaded-in-one-place',
    from: /^src\/(?!core\/engine\/tf\.ts$)/,
    forbidden: '^npm:@tensorflow/tfjs$',
    typesAllowed: true,
    reason:
      'every process that trains would start later; import core/engine/tf.ts, and add what its list lacks',
  },
  {
    name: 'engine-knows-no-recommenders',
    from: /^src\/core\/engine\//,
    forbidden: '^src/core/',
    allowed: '^src/core/(engine/|math/random|errors|memory|process-entry|parent-channel)',
    reason: 'the engine compiles and runs any step; what is about items or users belongs to layers or above',
  },
  {
    name: 'layers-use-only-the-engine',
    from: /^src\/core\/layers\//,
    forbidden: '^src/core/',
    allowed: '^src/core/(layers/|engine/|math/|errors)',
    reason: 'layers are building blocks of every model; pass sizes and settings as arguments',
  },
  {
    name: 'decoders-know-no-families',
    from: /^src\/core\/decoders\//,
    forbidden: '^src/core/(families|evaluation|semantic-ids|store|documents|studies|published|golden)/',
    reason:
      'several families read and write text with them; what one of them asks of a model belongs to it, arithmetic to math',
  },
  {
    name: 'data-knows-no-models',
    from: /^src\/core\/data\//,
    forbidden: '^src/core/(families|training|evaluation|engine|layers|store|documents|semantic-ids)/',
    reason: 'importing and batching serve every family; move what only a family knows into its folder',
  },
  {
    name: 'math-and-files-are-the-ground',
    from: /^src\/core\/(math|files)\//,
    forbidden: '^src/core/',
    allowed: '^src/core/(math/|files/|engine/|errors)',
    reason:
      'every room computes and reads files with them; move what knows more to the room that it is about',
  },
  {
    name: 'content-knows-no-models',
    from: /^src\/core\/content\//,
    forbidden: '^src/core/(families|training|evaluation|layers|store|documents|studies|semantic-ids)/',
    reason: 'it makes vectors of what a data set says of its items; a trained run comes in as an argument',
  },
  {
    name: 'semantic-ids-know-no-models',
    from: /^src\/core\/semantic-ids\//,
    forbidden: '^src/core/(families|training|layers|store|documents|studies|published|golden)/',
    reason: 'codes are measured and drawn whoever made them; how they are made is a family’s',
  },
  {
    name: 'store-knows-no-models',
    from: /^src\/core\/store\//,
    forbidden: '^src/core/(families|engine|layers|studies|documents|published|golden)/',
    reason:
      'it keeps what others mean; the shape of what is stored belongs here or to evaluation and training',
  },
  {
    name: 'studies-write-no-reports',
    from: /^src\/core\/studies\//,
    forbidden: '^src/core/(families/[^/]+/|documents|published|golden|engine|layers)',
    reason: 'a study plans runs and fits laws; a model states what is counted of it, reports show it',
  },
  {
    name: 'evaluation-knows-no-models',
    from: /^src\/core\/evaluation\//,
    forbidden: '^src/core/(families|training|store|documents)/',
    reason: 'metrics are computed from ranks and predictions alone',
  },
  {
    name: 'foreign-measures-what-others-made',
    from: /^src\/core\/foreign\//,
    forbidden: '^src/core/(families|store|documents|studies|published|golden|engine|layers)/',
    reason:
      'it reads what other programs wrote, and measures it as training does; the store keeps what it found',
  },
  {
    name: 'training-names-no-family',
    from: /^src\/core\/training\//,
    forbidden: '^src/core/(families|store|documents)/',
    reason: 'the engine room serves every family; a family passes in what is its own',
  },
  {
    name: 'a-family-knows-no-other',
    from: /^src\/core\/families\/([^/]+)\//,
    forbidden: '^src/core/families/[^/]+/',
    allowed: '^src/core/families/$1/',
    reason: 'what two families share belongs to training, layers or data',
  },
  {
    name: 'a-family-lists-its-models-once',
    from: /^src\/core\/families\/([^/]+)\/(?!models\/|[^/]*-models\.ts$)/,
    forbidden: '^src/core/families/$1/models/',
    reason: 'a model is a file and a line of that list; what a family asks of it is a member of its contract',
  },
  {
    name: 'families-are-reached-through-the-registry',
    from: /^src\/core\/families\/(?!(registry|load-model)\.ts)[^/]+\.ts$/,
    forbidden: '^src/core/families/[^/]+/',
    reason: 'only registry.ts and load-model.ts list the families; ask a Model for what its family does',
  },
  {
    name: 'families-store-nothing',
    from: /^src\/core\/families\//,
    forbidden: '^src/core/(store|documents|studies|published|golden)/',
    reason: 'a family returns results; processes store and report them',
  },
  {
    name: 'hub-and-analyst-are-apart',
    from: /^src\/main\/hub\//,
    forbidden: '^src/main/analyst/',
    reason: 'the hub loads nothing heavy; ask the analyst through its part of the contract',
  },
  {
    name: 'analyst-and-hub-are-apart',
    from: /^src\/main\/analyst\//,
    forbidden: '^src/main/hub/',
    reason: 'the analyst answers from the store alone; what both need belongs to services or core',
  },
  {
    name: 'services-know-no-process',
    from: /^src\/main\/services\//,
    forbidden: '^src/main/(hub|analyst)/',
    reason:
      'hub, analyst and command line share them; a process has its entry, its router and its links to others',
  },
  {
    name: 'the-hub-asks-for-analysis',
    from: /^src\/main\/(hub|services\/(?!analysis\/))/,
    forbidden: '^src/main/services/analysis/',
    reason: 'analysis loads data and models: the analyst and the command line do it; ask the analyst',
  },
  {
    name: 'processes-know-no-shell',
    from: /^src\/main\/(hub|analyst|services|workers|executors|data-folder|window)\//,
    forbidden: '^src/main/(cli|browser|electron)/',
    reason: 'the desktop, the browser and the command line are ways in; a process serves all three alike',
  },
  {
    name: 'only-the-desktop-shell-knows-electron',
    from: /^src\/(main\/(?!electron\/)|renderer\/|core\/)/,
    forbidden: '^npm:electron$',
    reason: 'the same program runs without Electron; put it behind the shell',
  },
  {
    name: 'no-screen-knows-another',
    from: /^src\/renderer\/screens\/([^/]+)\//,
    forbidden: '^src/renderer/screens/[^/]+/',
    allowed: '^src/renderer/screens/$1/',
    reason:
      'screens come and go by folder; what two share belongs to app, charts or runs; a part that knows no data belongs to components',
  },
  {
    name: 'state-has-an-owner',
    from: /^src\/renderer\/(?!actions\/|charts\/(crosshair|use-chart-colours)\.|state\/(connection|home-store|navigation|theme)\.)/,
    forbidden: '^npm:zustand$',
    reason:
      'what is kept of one data folder means nothing in another: use homeStore (state/home-store.ts), or name the file here, where it is of the window itself',
  },
  {
    name: 'the-kit-knows-no-room',
    from: /^src\/renderer\/components\/(?!.*\.test\.)/,
    forbidden: '^src/(core/|renderer/(app|charts|new-run|runs|screens)/)',
    // What settings are called.
    allowed: '^src/core/api/models',
    reason:
      'a part of the kit serves whatever is shown; what knows the contract or the program belongs to app',
  },
];

/** Where programs and tests begin: files that nothing imports. */
export const entries: readonly RegExp[] = [
  // What the .mjs files of the command line run.
  /^src\/main\/cli\/(program|start|demo|setup-gpu)\.ts$/,
  /^src\/main\/electron\/(main|preload)\.ts$/,
  /^src\/main\/(workers\/(trainer|remote-trainer|host-agent|importer|machine|plugin-looker)|analyst\/analyst)\.ts$/,
  /^src\/core\/engine\/devices\/probe\.ts$/,
  /^src\/page\/page\.ts$/,
  /^src\/renderer\/(main\.tsx|screens\/[^/]+\/screen\.ts)$/,
  /\.d\.ts$/,
];

/** What nothing that a process loads may need, by whichever way. */
export const leaks: readonly { process: string; roots: RegExp; forbidden: RegExp }[] = [
  {
    // There is no Node.js.
    process: 'the window',
    roots: /^src\/(renderer|core\/api)\//,
    forbidden: /^(node:|npm:(electron|better-sqlite3|@duckdb\/|@tensorflow\/|onnxruntime-node|commander|ws))/,
  },
  {
    // It asks other processes, which those of the packaged program cannot start: who starts them says which device is meant.
    process: 'a worker',
    roots: /^src\/main\/(workers\/(trainer|importer)|analyst\/analyst)\.ts$/,
    forbidden: /^src\/core\/engine\/devices\/checks\.ts$/,
  },
  {
    // It starts on a login node for each question: checking what it says is for whoever has asked.
    process: 'the agent of a host',
    roots: /^src\/main\/workers\/host-agent\.ts$/,
    forbidden: /^npm:/,
  },
  {
    // These are the packages that are sent along (executors/shipping/archives.ts); plug-ins are loaded there, too. Sentences are encoded here.
    process: 'a trainer on a host',
    roots: /^src\/main\/workers\/remote-trainer\.ts$/,
    forbidden:
      /^npm:(?!(@duckdb\/node-api|@huggingface\/(jinja|tokenizers|transformers)|@tensorflow\/tfjs|fflate|ml-matrix|onnxruntime-node|protobufjs(\/.*)?|zod)$)/,
  },
];

/** The thread that answers the window: what is done on it may not take longer the more a home holds. */
export const hubThread = {
  from: /^src\/main\/(hub|services\/(?!analysis\/))/,
  /** Functions of Node.js that wait for the disk or another process. */
  waits: /Sync$/,
  /** Every run of a home with all its metrics. */
  wholeLists: /\bruns\s*\.list\(/,
  reason:
    'the window waits meanwhile; use node:fs/promises, ask the analyst, or name what is short and bounded in lint/rules.ts',
  /** Short and bounded, by file: one run's or one drop's own few files, or a file that the system keeps in memory. */
  allowed: {
    'src/main/services/runs/leftovers.ts': ['readdirSync', 'rmSync'],
    'src/main/services/runs/resume-point.ts': ['existsSync', 'readdirSync', 'readFileSync'],
    'src/main/services/runs/runs.ts': ['mkdirSync'],
    'src/main/services/runs/probes.ts': ['mkdtempSync', 'rmSync'],
    'src/main/services/runs/source-runs.ts': ['existsSync'],
    'src/main/hub/uploads.ts': ['mkdirSync', 'rmSync'],
  } as Readonly<Record<string, readonly string[]>>,
};

/** What a simulated world plays: it asks its machine for the time, so that a test may be the machine (core/machine.ts). */
export const simulated = {
  from: /^src\/(main\/(executors|services\/runs)|core\/store\/(runs|others|table|db\/locks))/,
  clock: /\b(Date\.now|performance\.now|(?<!\.)set(Timeout|Interval))\b/,
  reason: 'ask the clock that is handed in (core/machine.ts), or name the file in lint/rules.ts',
  /** Times that nothing depends on, and what speaks to the real world. */
  allowed: [
    'src/main/executors/ssh/connection.ts',
    'src/main/executors/hosts/check.ts',
    'src/main/executors/hosts/facts.ts',
    'src/main/services/runs/probes.ts',
    'src/core/store/runs/checkpoints.ts',
    'src/core/store/others/foreign-rows.ts',
    'src/core/store/others/foreign-runs.ts',
    'src/core/store/runs/run-id.ts',
    'src/core/store/runs/runs.ts',
    'src/core/store/others/tracker-runs.ts',
  ] as readonly string[],
};
