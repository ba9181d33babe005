/** A training of a few seconds, as a command. */

const ASKED = [
  'train',
  '--dataset',
  'sample',
  '--model',
  'sasrec',
  '--seed',
  '7',
  '--device',
  'cpu',
  '--threads',
  '1',
];

/** Its settings, as options. */
function settings(epochs: number): string[] {
  const all = ['dim=16', 'maxLength=20', 'batchSize=16', `epochs=${epochs}`, 'epochSteps=100', 'patience=0'];
  return all.flatMap((setting) => ['--set', setting]);
}

export function smallTraining(name: string, epochs: number, ...more: readonly string[]): string[] {
  return [...ASKED, ...settings(epochs), '--name', name, ...more];
}
