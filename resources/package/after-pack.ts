/** Called by electron-builder when the program lies in its folder, before that is signed: adds Node and licences, and tells sizes. */
import {
  chmodSync,
  copyFileSync,
  globSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type AfterPackContext, Arch } from 'electron-builder';
import { z } from 'zod';

/** A Node that needs libraries of its system is smaller. */
const LEAST_NODE_BYTES = 50e6;

const packageSchema = z.looseObject({
  name: z.string(),
  version: z.string(),
  license: z.string().default('see below'),
});

export default function afterPack({ appOutDir, arch, packager }: AfterPackContext): void {
  const resources = packager.getResourcesDir(appOutDir);
  if (Arch[arch] !== process.arch) {
    throw new Error(`this Node is packed too, and is for ${process.arch}: pack with one for ${Arch[arch]}`);
  }
  addNode(resources);
  writeFileSync(join(resources, 'THIRD-PARTY-LICENSES.txt'), licences(packager.projectDir, resources));
  for (const [part, bytes] of sizes(appOutDir, resources)) {
    process.stdout.write(`${(bytes / 1e6).toFixed(1).padStart(8)} MB  ${part}\n`);
  }
}

/** The command line runs in a Node of its own: docs/decisions/015-packages.md. */
function addNode(resources: string): void {
  if (statSync(process.execPath).size < LEAST_NODE_BYTES) {
    throw new Error(`${process.execPath} is not the whole of Node: pack with one from nodejs.org`);
  }
  const node = join(resources, basename(process.execPath));
  copyFileSync(realpathSync(process.execPath), node);
  chmodSync(node, 0o755);
}

/** The licences of all that is packed beside Electron, whose own lie beside its program: names, and texts as their authors wrote them. */
function licences(project: string, resources: string): string {
  // Packed packages lie elsewhere than installed ones, and without some of their texts.
  const installed = new Map(packagesIn(project).map((found) => [titleOf(found), found]));
  const packages = packagesIn(join(resources, 'app')).map((packed) => {
    const { license, folder } = installed.get(titleOf(packed)) ?? packed;
    return section(`${titleOf(packed)}: ${license}`, licenceTexts(folder));
  });
  const besideNode = dirname(realpathSync(process.execPath));
  const node = [besideNode, dirname(besideNode)].flatMap(licenceTexts).slice(0, 1);
  const window = readFileSync(join(resources, 'app/out/renderer/licences.txt'), 'utf8');
  return [
    section(`Node.js ${process.version}`, node),
    ...new Set(packages.toSorted()),
    section('In the window', [window]),
  ].join('\n');
}

type Package = z.output<typeof packageSchema> & { folder: string };

const titleOf = ({ name, version }: Package) => `${name} ${version}`;

function packagesIn(root: string): Package[] {
  return globSync('**/node_modules/{*,@*/*}/package.json', { cwd: root }).map((file) => {
    const path = join(root, file);
    return { ...packageSchema.parse(JSON.parse(readFileSync(path, 'utf8'))), folder: dirname(path) };
  });
}

function section(title: string, texts: readonly string[]): string {
  return `${'='.repeat(80)}\n${title}\n${'='.repeat(80)}\n\n${texts.join('\n\n').trim()}\n`;
}

function licenceTexts(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(licen[cs]e|notice|copying)/i.test(entry.name))
    .map(({ name }) => readFileSync(join(folder, name), 'utf8'));
}

/** Bytes of the parts of a packed program, the largest first. */
function sizes(appOutDir: string, resources: string): [string, number][] {
  const parts: Record<string, number> = {};
  for (const entry of readdirSync(appOutDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const path = file.slice(resources.length + 1).replaceAll('\\', '/');
    const part = !file.startsWith(resources)
      ? 'Electron'
      : (/^app\/(?:node_modules\/(?:@[^/]+\/)?[^/]+|[^/]+\/[^/]+)/.exec(path)?.[0] ?? path);
    for (const one of ['in all', part]) parts[one] = (parts[one] ?? 0) + statSync(file).size;
  }
  return Object.entries(parts)
    .filter(([, bytes]) => bytes >= 1e6)
    .toSorted(([, a], [, b]) => b - a);
}
