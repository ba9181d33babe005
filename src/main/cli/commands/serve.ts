import { currentEnvironment } from '../../data-folder/choice.ts';
import type { CliCommand } from '../command.ts';
import { type CommandContext, printAnswer } from '../context.ts';
import { wholeNumber } from '../options.ts';
import { Interrupts } from '../terminal/interrupts.ts';

interface ServeOptions {
  port?: number;
  open: boolean;
}

/** How long a browser may take to start. */
const OPENED_WITHIN_MS = 120_000;

/** `serve`: the window in a browser. */
export function addCommand(parent: CliCommand): void {
  parent
    .command('serve')
    .summary('open the window in a browser')
    .description(
      'Serves the window on this machine only (127.0.0.1), to the browser that opens the printed link. Ends with ' +
        'Ctrl-C; running trainings stop with a checkpoint and resume in the next session, in which the windows that are ' +
        'open continue.',
    )
    .option(
      '--port <number>',
      'port to listen on; 0 takes a free one (default: that of the previous session)',
      wholeNumber(0),
    )
    .option('--no-open', 'print the link, and do not open a browser')
    .examples('tessera serve', 'tessera serve --port 4321 --no-open')
    .run(serveWindow);
}

/** Serves until the process is signalled to stop. */
export async function serveWindow(context: CommandContext, { port, open }: ServeOptions): Promise<void> {
  const [{ openHub }, { serve }, { builtPageFolder }, { forkLauncher }, { openInBrowser }] =
    await Promise.all([
      import('../../hub/open-hub.ts'),
      import('../../browser/server.ts'),
      import('../../browser/build-window.ts'),
      import('../../workers/launch.ts'),
      import('../../browser/open-browser.ts'),
    ]);
  const window = await builtPageFolder((line) => process.stderr.write(`tessera: ${line}\n`));
  const { home, source } = context;
  const environment = currentEnvironment();
  const hubSwitch = await openHub({
    home,
    source,
    environment,
    shell: 'browser',
    launch: forkLauncher(),
    onUpdate: () => process.stderr.write('tessera: bringing the data folder up to date, once\n'),
  });
  const stopped = Promise.withResolvers<void>();
  const interrupts = new Interrupts((presses) => {
    if (presses > 1) process.exit(1);
    stopped.resolve();
  });
  try {
    const tell = (words: string) => {
      const { port, link } = browser;
      const url = link();
      printAnswer(context, [{ url, port, home: hubSwitch.hub.store.home }, `${words} ${url}`]);
    };
    const onEntered = () => tell('To open it in another browser:');
    const browser = await serve(hubSwitch, { port, environment, window, onEntered });
    hubSwitch.start();
    tell(open ? 'Tessera opens in your browser; if it does not, open' : 'Tessera is at');
    if (open) await openInBrowser(browser.link(OPENED_WITHIN_MS));
    await stopped.promise;
    await browser.close();
  } finally {
    interrupts.stop();
    await hubSwitch.close();
  }
}
