import { describe, expect, it } from 'vitest';
import { parsePast, parseQueue, parseShown, stateOf } from './slurm.ts';
import { limitSeconds } from './time-limit.ts';

describe('what Slurm says', () => {
  it('of waiting and running jobs', () => {
    const states = parseQueue(
      [
        // Of a site that has its own words to say.
        'Maintenance on Monday | see the wiki',
        '48213|PENDING|4:00:00|1795880400|1795860000||Priority',
        '48214_7|PENDING|1-00:00:00|N/A|1795860000||QOSMaxJobsPerUserLimit',
        '48207|RUNNING|3:12:09|1795866000|1795860000|gpu-a03|None',
        '48208|COMPLETING|0:00|1795866000|1795860000|gpu-a03|None',
        '48209|PENDING|UNLIMITED|N/A|1795860000||ReqNodeNotAvail, UnavailableNodes:n[1-2]',
        '',
      ].join('\n'),
    );
    expect(states.get('48213')).toMatchObject({
      phase: 'pending',
      reason: 'Priority',
      startsAt: 1_795_880_400_000,
      submittedAt: 1_795_860_000_000,
    });
    expect(states.get('48214_7')).toMatchObject({
      reason: 'QOSMaxJobsPerUserLimit',
      startsAt: null,
      secondsLeft: 86_400,
    });
    expect(states.get('48207')).toMatchObject({
      phase: 'running',
      reason: null,
      node: 'gpu-a03',
      secondsLeft: 11_529,
    });
    expect(states.get('48208')).toMatchObject({ phase: 'running' });
    expect(states.get('48209')).toMatchObject({
      reason: 'ReqNodeNotAvail, UnavailableNodes:n[1-2]',
      secondsLeft: null,
    });
  });

  it('of jobs that have ended, from its accounts or its memory', () => {
    const kept = parsePast(
      [
        '12|COMPLETED|0:0|n1|None',
        '13_2|CANCELLED by 1000|0:15|n1|None',
        '14|NODE_FAIL|0:0|n2|None',
        '15|OUT_OF_MEMORY|0:125|n2|None',
        '16|TIMEOUT|0:0|n2|TimeLimit',
        '17|RUNNING|0:0|n2|None',
      ].join('\n'),
    );
    expect([...kept].map(([job, { outcome, exitCode }]) => [job, outcome, exitCode])).toEqual([
      ['12', 'completed', 0],
      ['13_2', 'cancelled', 143],
      ['14', 'node-failed', 0],
      ['15', 'out-of-memory', 253],
      ['16', 'timed-out', 0],
      ['17', null, null],
    ]);
    const shown = parseShown(
      'JobId=9 ArrayJobId=7 ArrayTaskId=1 JobName=sweep JobState=FAILED Reason=NonZeroExitCode ExitCode=3:0 NodeList=n1\n' +
        'JobId=10 JobName=a JobState=PENDING Reason=Resources ExitCode=0:0 NodeList=(null)\n',
    );
    expect(shown.get('7_1')).toMatchObject({
      outcome: 'failed',
      reason: 'NonZeroExitCode',
      exitCode: 3,
      node: 'n1',
    });
    expect(shown.get('10')).toMatchObject({
      phase: 'pending',
      reason: 'Resources',
      exitCode: null,
      node: null,
    });
  });

  it('in words of versions to come', () => {
    expect(stateOf('SUSPENDED')).toEqual({ phase: 'running', outcome: null });
    expect(stateOf('LAUNCHING')).toMatchObject({ phase: 'running' });
    expect(['90', '1:30', '4:00:00', '1-12', '1-12:30', null].map(limitSeconds)).toEqual([
      ...[5_400, 90, 14_400, 129_600, 131_400, Number.POSITIVE_INFINITY],
    ]);
    expect(['4:05', '3:04:05', '2-03:04:05', 'INVALID'].map(limitSeconds)).toEqual([
      ...[245, 11_045, 183_845, Number.NaN],
    ]);
  });
});
