import type { EnqueueRequest } from '../../core/api/queue.ts';
import { Button } from '../components/Button.tsx';
import { newPlan } from '../runs/plans.ts';
import type { Asked, AskedStudy } from './asked.ts';
import { closeNewRun } from './new-run.ts';

/** Makes a plan of what would be started; a study of scaling is none. */
export function SaveAsPlan({ asked }: { asked: Asked | null }) {
  const can = asked?.question === 'runs' || asked?.question === 'sweep';
  const save = async () => {
    if (asked === null) return;
    // It writes YAML, which a form of runs does without.
    const { planOfRequests } = await import('../../core/api/plan-text.ts');
    const models = [...asked.runs.map(partsOf), ...asked.studies.map(searchParts)];
    if (await newPlan(() => planOfRequests(models, 'New plan'))) closeNewRun();
  };
  return (
    <Button disabled={!can} onClick={() => void save()}>
      Save as plan
    </Button>
  );
}

const partsOf = ({ model, preset, overrides, dataset, seeds }: EnqueueRequest) => ({
  ...{ model, preset, overrides, dataset, seeds },
});

function searchParts({ base, request }: AskedStudy) {
  if (request.kind !== 'sweep') throw new Error('a study of scaling is no plan');
  const { vary, search, trials, draw, asha, stop } = request;
  const steered = { search, trials, draw, asha, stop };
  return { ...partsOf(base), search: { ...steered, vary } };
}
