import { useQuery } from '@tanstack/react-query';
import { Problem } from '../components/Problem.tsx';
import type { ScreenDefinition } from './registry.ts';

/**
 * A screen, once its code is there. Not by React.lazy: after a fallback was shown, React holds back what
 * follows for 300 ms, which is longer than the code takes.
 */
export function ScreenOutlet({ screen }: { screen: ScreenDefinition }) {
  const code = useQuery({ queryKey: ['screen', screen.id], queryFn: () => screen.load(), gcTime: Infinity });
  if (code.error) return <Problem query={code} />;
  const Component = code.data?.default;
  return Component ? <Component /> : null;
}
