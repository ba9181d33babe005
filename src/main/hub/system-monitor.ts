import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { SystemSample } from '../../core/store/runs/samples.ts';

const INTERVAL_MS = 2_000;
/** Clock ticks a second in /proc, the same on every Linux that Node runs on. */
const LINUX_TICKS = 100;
const LINUX_PAGE = 4096;

interface ProcessUse {
  /** CPU seconds since it began; null on systems that report only a percentage. */
  cpuSeconds: number | null;
  cpuPercent: number | null;
  memory: number | null;
}

type GpuUse = Pick<SystemSample, 'gpu' | 'gpuMemory'>;

/** Samples the CPU and memory of processes, and the first NVIDIA GPU if there is one. */
export class SystemMonitor {
  readonly #watched = new Map<number, { cpuSeconds: number; time: number } | null>();
  readonly #onSample: (pid: number, sample: SystemSample) => void;
  readonly #look: typeof processUse;
  /** Where a look at a process starts another one, as on Windows, it can take longer than the time between two looks. */
  #sampling = false;
  #timer: NodeJS.Timeout | undefined;
  #gpuProcess: ChildProcess | null = null;
  #gpu: GpuUse = { gpu: null, gpuMemory: null };

  constructor(onSample: (pid: number, sample: SystemSample) => void, look = processUse) {
    this.#onSample = onSample;
    this.#look = look;
  }

  watch(pid: number): void {
    this.#watched.set(pid, null);
    this.#timer ??= setInterval(() => void this.#tick(), INTERVAL_MS).unref();
    this.#gpuProcess ??= this.#startGpu();
  }

  unwatch(pid: number): void {
    this.#watched.delete(pid);
    if (this.#watched.size === 0) this.stop();
  }

  stop(): void {
    this.#watched.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#gpuProcess?.kill();
    this.#gpuProcess = null;
    this.#gpu = { gpu: null, gpuMemory: null };
  }

  async #tick(): Promise<void> {
    if (this.#sampling) return;
    this.#sampling = true;
    try {
      await this.#sample();
    } catch {
      // A sample that cannot be stored, as on a full disk, is left out.
    } finally {
      this.#sampling = false;
    }
  }

  async #sample(): Promise<void> {
    for (const pid of [...this.#watched.keys()]) {
      const use = await this.#look(pid);
      const before = this.#watched.get(pid);
      if (use === null || before === undefined) continue;
      const time = Date.now();
      const { cpuSeconds, memory } = use;
      let cpu = use.cpuPercent;
      if (cpuSeconds !== null) {
        if (before) cpu = (100_000 * (cpuSeconds - before.cpuSeconds)) / Math.max(1, time - before.time);
        this.#watched.set(pid, { cpuSeconds, time });
      }
      this.#onSample(pid, { time, cpu, memory, ...this.#gpu });
    }
  }

  /** One long-lived process that prints a line every two seconds; without the tool there is simply no GPU column. */
  #startGpu(): ChildProcess {
    const query = ['--query-gpu=utilization.gpu,memory.used', '--format=csv,noheader,nounits', '--id=0'];
    const child = spawn('nvidia-smi', [...query, '--loop-ms', String(INTERVAL_MS)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child.on('error', () => {});
    child.unref();
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#gpu = parseGpuLine(text.trim().split('\n').at(-1) ?? '');
    });
    return child;
  }
}

/** Parses "37, 2048", percent and MiB; a value that is not a number, such as "[N/A]", is null. */
export function parseGpuLine(line: string): GpuUse {
  const [percent, mebibytes] = line.split(',').map((part) => Number.parseFloat(part));
  return {
    gpu: Number.isFinite(percent) ? percent : null,
    gpuMemory: Number.isFinite(mebibytes) ? mebibytes * 2 ** 20 : null,
  };
}

/** Null if the process has ended or the system does not report its use. */
export async function processUse(pid: number): Promise<ProcessUse | null> {
  if (process.platform === 'linux') return linuxUse(pid);
  if (process.platform === 'win32') return windowsUse(pid);
  const line = await output('ps', ['-o', '%cpu=,rss=', '-p', String(pid)]);
  const [percent, kibibytes] = (line ?? '').trim().split(/\s+/).map(Number);
  if (!Number.isFinite(percent)) return null;
  return { cpuSeconds: null, cpuPercent: percent, memory: kibibytes * 1024 };
}

function linuxUse(pid: number): ProcessUse | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command in brackets may contain spaces; utime and stime are fields 14 and 15, resident pages 24.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / LINUX_TICKS;
    return { cpuSeconds, cpuPercent: null, memory: Number(fields[21]) * LINUX_PAGE };
  } catch {
    return null;
  }
}

async function windowsUse(pid: number): Promise<ProcessUse | null> {
  const command = `Get-Process -Id ${pid} | ForEach-Object { "$($_.CPU) $($_.WorkingSet64)" }`;
  const line = await output('powershell', ['-NoProfile', '-NonInteractive', '-Command', command]);
  const [cpuSeconds, memory] = (line ?? '').trim().replaceAll(',', '.').split(/\s+/).map(Number);
  return Number.isFinite(cpuSeconds) ? { cpuSeconds, cpuPercent: null, memory } : null;
}

function output(file: string, args: string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: 5_000, env: { ...process.env, LC_ALL: 'C' } }, (error, stdout) =>
      resolve(error ? null : stdout),
    );
  });
}
