import type { Sampling } from '../../../core/api/recommend.ts';
import { Button } from '../../components/Button.tsx';
import { Select } from '../../components/Select.tsx';

const MOST_PROBABLE = '';
const TEMPERATURES = ['0.5', '1', '1.5', '2'];

interface DecodingChoiceProps {
  sampling: Sampling | null;
  onSampling(sampling: Sampling | null): void;
}

/** Whether a generative model's list holds the most probable items or ones that it draws, and how boldly. */
export function DecodingChoice({ sampling, onSampling }: DecodingChoiceProps) {
  const chosen = sampling ? String(sampling.temperature) : MOST_PROBABLE;
  return (
    <span className="row">
      {sampling && (
        <Button kind="quiet" onClick={() => onSampling({ ...sampling, seed: sampling.seed + 1 })}>
          Draw again
        </Button>
      )}
      <Select
        aria-label="How the list is made"
        value={chosen}
        choices={[
          { value: MOST_PROBABLE, label: 'As configured' },
          ...[...new Set([...TEMPERATURES, ...(sampling ? [chosen] : [])])].map((value) => ({
            value,
            label: `Temperature ${value}`,
          })),
        ]}
        onValue={(value) =>
          onSampling(
            value === MOST_PROBABLE ? null : { temperature: Number(value), seed: sampling?.seed ?? 1 },
          )
        }
      />
    </span>
  );
}

/** From the address: "?temperature=1.5&draw=3". */
export function samplingOf({ temperature, draw }: Record<string, string>): Sampling | null {
  const [value, seed] = [Number(temperature), Number(draw)];
  if (!(value > 0)) return null;
  return { temperature: value, seed: Number.isSafeInteger(seed) && seed >= 0 ? seed : 1 };
}

/** The same, back. */
export function samplingQuery(sampling: Sampling | null): Record<string, string> {
  return sampling
    ? { temperature: String(sampling.temperature), draw: String(sampling.seed) }
    : { temperature: '', draw: '' };
}
