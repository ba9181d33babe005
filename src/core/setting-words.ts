/** Settings of a model as the window writes them. */
import { splitOf } from './data/splits/index.ts';
import { percent } from './data/splits/rule.ts';
import { LOSS_PHRASES } from './model-facts.ts';
import { capital, keyWords } from './names.ts';

/** Settings whose key does not say what they are. */
const TITLES: Readonly<Record<string, string>> = {
  // Of a protocol.
  plugins: 'not part of Tessera',
  dim: 'dimension',
  epochSteps: 'steps per epoch',
  minEpochSteps: 'shortest epoch (steps)',
  minSteps: 'shortest training (steps)',
  minEvaluationSteps: 'shortest time between validations (steps)',
  minPatienceSteps: 'shortest patience (steps)',
  l2: 'regularisation',
  maxLength: 'sequence length',
  ffnDim: 'feed-forward width',
  ffnMultiplier: 'feed-forward widening',
  headDim: 'head width',
  latentDim: 'latent dimension',
  contentDim: 'content dimension',
  dqk: 'query and key width',
  dv: 'value width',
  bottom: 'bottom layers',
  top: 'top layers',
  mdAlpha: 'mixed-dimension exponent',
  mdPowerOfTwo: 'mixed dimensions as powers of two',
  qrThreshold: 'QR threshold',
  qrCollisions: 'QR collisions',
  qrOperation: 'QR operation',
};

/** "learningRate" → "Learning rate", "dim" → "Dimension" */
export function settingTitle(key: string): string {
  const unit = key.endsWith('GiB') ? ' (GiB)' : '';
  const words = TITLES[key] ?? keyWords(key.replace(/GiB$/, ''));
  return capital(words) + unit;
}

const several = (noun: string) => (value: unknown) => `${value} ${noun}${value === 1 ? '' : 's'}`;

/** What a value of a setting says in a line of others; nothing of a run that it names. */
const PHRASES: Readonly<Record<string, (value: unknown) => string>> = {
  dim: (value) => `${value} wide`,
  hidden: (value) => `GRU ${value} wide`,
  blocks: several('block'),
  encoderBlocks: several('encoder block'),
  decoderBlocks: several('decoder block'),
  dropout: (value) => `dropout ${value}`,
  maxLength: (value) => `last ${value} items`,
  learningRate: (value) => `learning rate ${value}`,
  loss: (value) => LOSS_PHRASES[String(value)] ?? String(value),
  epochs: (value) => `up to ${value} epochs`,
  l2: (value) => `regularisation ${value}`,
  levels: several('level'),
  codes: (value) => `${value} codes`,
  content: (value) => `content ${value}`,
  bottom: (value) => `bottom ${value}`,
  top: (value) => `top ${value}`,
  features: (value) => (value === 'all' ? 'all features' : `features ${value}`),
  stage: String,
  shots: (value) => `${value} past interactions`,
};

/** "64 wide, 2 blocks, dropout 0.2": the values of some settings in one line. */
export function settingsPhrase(keys: readonly string[], config: Readonly<Record<string, unknown>>): string {
  return keys.flatMap((key) => (key in config && PHRASES[key] ? [PHRASES[key](config[key])] : [])).join(', ');
}

const FILTERS: Readonly<Record<string, string>> = {
  all: 'history filtered',
  window: 'recent history filtered',
  none: 'history not filtered',
};

const TARGETS: Readonly<Record<string, string>> = {
  all: 'all later items in one list',
  successive: 'later items one after the other',
};

/** How the runs of a config are measured, in one line; null for a model that has no such settings. */
export function protocolPhrase(config: Readonly<Record<string, unknown>>): string | null {
  const { protocol, targets, candidates, historyFilter, coldItems } = config;
  if (protocol === undefined) return null;
  return [
    splitOf(config).phrase(protocol !== 'paper'),
    TARGETS[String(targets)] ?? '',
    candidates === 'catalogue' ? 'whole catalogue ranked' : 'full ranking',
    FILTERS[String(historyFilter)] ?? '',
    Number(coldItems) > 0 ? `${percent(coldItems)} of the items hidden` : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}
