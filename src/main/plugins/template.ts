/** A plug-in to begin with. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { shippedFolder } from '../../core/resources.ts';

/** What editors read the types from: the sources of a clone, or the declarations of a package. */
function typesFile(): string {
  const source = join(import.meta.dirname, '../../core/plugins/kit.ts');
  return existsSync(source) ? source : join(shippedFolder('types'), 'src/core/plugins/kit.d.ts');
}

/** A sequence model whose last item alone leads to the next one. */
export function pluginTemplate(): string {
  const types = JSON.stringify(typesFile().replaceAll('\\', '/'));
  return `import type { Kit, Plugin } from ${types};

/** Imports nothing but types: what it needs, it is given. docs/plugins.md says what there is. */
export default function myPlugin({ engine, layers, models, tf, z }: Kit): Plugin {
  const { dropout } = engine;
  const { dropoutMask, layer, linearSpecs, project, xavierNormal } = layers;

  /** x' = x + ReLU(x W + b) */
  const transition = ({ dim, dropout: rate }: { dim: number; dropout: number }) =>
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
