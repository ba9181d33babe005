import { renderHook } from '@testing-library/react';
import { expect, test } from 'vitest';
import { parseRoute, useRoute } from '../../state/navigation.ts';
import { useCodebookRoute } from './codebook-route.ts';

test('a user who is found late changes neither what was chosen meanwhile nor another page', () => {
  useRoute.setState(parseRoute('#/codebooks/a/beam?user=7'));
  const { result } = renderHook(useCodebookRoute);
  const [, change] = result.current;
  const address = () => {
    const { screen, path, query } = useRoute.getState();
    return [screen, ...path, Object.fromEntries(query)];
  };
  useRoute.setState(parseRoute('#/codebooks/a/beam?user=7&as=tree'));
  change({ user: '8' });
  expect(address()).toEqual(['codebooks', 'a', 'beam', { user: '8', as: 'tree' }]);
  useRoute.setState(parseRoute('#/runs'));
  change({ user: '9' });
  expect(address()).toEqual(['runs', {}]);
});
