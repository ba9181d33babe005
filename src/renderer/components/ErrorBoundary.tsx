import { Component, type ComponentType, type ErrorInfo, type ReactNode } from 'react';
import { Button } from './Button.tsx';

interface Props {
  /** Where it failed, such as "on the Runs screen". */
  what: string;
  children: ReactNode;
}

/** Keeps a defect of one screen from taking the others with it. */
export class ErrorBoundary extends Component<Props, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    console.error(error, info.componentStack);
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div className="empty grid gap-2 packed at-start" role="alert">
        <p className="title">Something went wrong {this.props.what}</p>
        <p>Your data is safe. Runs and imports continue.</p>
        <p className="problem mono">{error.message}</p>
        <Button onClick={() => this.setState({ error: null })}>Try again</Button>
      </div>
    );
  }
}

/** A part of a screen that says in its own place where it is broken: the rest stands. `nameOf` tells what it is. */
export function failsAlone<Props extends object>(
  Part: ComponentType<Props>,
  nameOf: (props: Props) => string,
): ComponentType<Props> {
  return (props) => (
    <ErrorBoundary what={`in ${nameOf(props)}`}>
      <Part {...props} />
    </ErrorBoundary>
  );
}
