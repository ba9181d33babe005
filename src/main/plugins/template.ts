/** A plug-in to begin with. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What editors read the types from; a package has none. */
const TYPES = join(import.meta.dirname, '../../core/plugins/kit.ts');

/** A sequence model whose last item alone leads to the next one. */
export function pluginTemplate(): string {
  const types = existsSync(TYPES) ? `import type { Kit, Plugin } from '${TYPES}';\n\n` : '';
  const [kit, plugin] = types ? [': Kit', ': Plugin'] : ['', ''];
  return `${types}/** Imports nothing but types: what it needs, it is given. docs/plugins.md says what there is. */
export default function myPlugin({ engine, layers, models, tf, z }${kit})${plugin} {
  const { dropout } = engine;
  const { dropoutMask, layer, linearSpecs, project, xavierNormal } = layers;

  /** x' = x + ReLU(x W + b) */
  const transition = ({ dim, dropout: rate }${types ? ': { dim: number; dropout: number }' : ''}) =>
    layer({
      parameters: { ffn: linearSpecs(dim, dim, xavierNormal) },
      masks: ({ rows, length }) => ({ hidden: dropoutMask(rate, rows, length, dim) }),
      forward: (x, p, m) => tf.add(x, dropout(tf.relu(project(x, p.ffn)), m?.hidden, rate)),
    });

  const model = models.trained({
    id: 'my-model',
    title: 'My model',
    summary: 'The last item alone predicts the next one.',
    group: 'sequential',
    paper: { title: 'Unpublished', authors: 'Our lab', year: ${new Date().getUTCFullYear()}, where: 'here' },
    essentials: models.encoderEssentials,
    configSchema: z.object(models.nextItemFields),
    build: (config, sizes) =>
      new models.SequenceEncoder(config, sizes, {
        blocks: Array.from({ length: config.blocks }, () => transition(config)),
        context: () => undefined,
      }),
  });
  return { models: [model] };
}
`;
}
