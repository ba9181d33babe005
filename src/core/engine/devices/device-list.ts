import { type Fix, UserError } from '../../errors.ts';
import type { DeviceId } from '../types.ts';
import { DEVICE_TITLES } from './titles.ts';

export interface DeviceFacts {
  id: DeviceId;
  title: string;
  /** What to do when it cannot be opened. */
  advice: Fix;
}

/** Advice for those who have the sources; an installed program has no scripts of npm. */
const withSources = (cli: string, window: string): Fix =>
  import.meta.filename.endsWith('.ts') ? { cli, window } : window;

/** In the order of preference. */
export const deviceList: readonly DeviceFacts[] = [
  {
    id: 'cuda',
    title: DEVICE_TITLES.cuda,
    advice: withSources(
      'needs an NVIDIA GPU with its driver; fetch the libraries with: npm run setup:gpu -- cuda',
      'needs an NVIDIA GPU with its driver, and CUDA libraries that are installed separately',
    ),
  },
  {
    id: 'webgpu',
    title: DEVICE_TITLES.webgpu,
    advice: 'needs a GPU with a Vulkan, Metal or D3D12 driver',
  },
  {
    id: 'tfjs-gpu',
    title: DEVICE_TITLES['tfjs-gpu'],
    advice: withSources(
      'needs TensorFlow: fetch 2.9.1 (for CUDA 11.2 and cuDNN 8.1) with: npm run setup:gpu -- tfjs, or take one that ' +
        'pip has installed with: npm run setup:tfjs -- --tensorflow FOLDER',
      'needs TensorFlow with its CUDA libraries, which are installed separately',
    ),
  },
  {
    id: 'cpu',
    title: DEVICE_TITLES.cpu,
    advice: withSources('reinstall with: npm ci', 'reinstall Tessera'),
  },
];

/** Throws UserError for an id that is no device. */
export function requireDevice<T extends { id: string }>(id: string, known: readonly T[]): T {
  const found = known.find((candidate) => candidate.id === id);
  if (found) return found;
  throw new UserError(
    `unknown device "${id}"; choose one of: auto, ${known.map((one) => one.id).join(', ')}`,
  );
}
