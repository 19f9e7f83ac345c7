/**
 * Ink on the compositor: Ink lays out and draws the tree off-screen, its frame becomes the base, and the surfaces and overlays are
 * measured in the same layout. Keys go to Ink; bytes to the terminal come from the compositor alone.
 */
import { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { render, useApp, useStdin } from 'ink';
import { type ReactNode, useInsertionEffect } from 'react';
import { Cells } from './cells.ts';
import type { ColourLevel } from './colour.ts';
import { Compositor } from './compositor.ts';
import { Exits } from './exits.ts';
import { drawFrame } from './frame.ts';
import { useKeys } from './keys.ts';
import { Layers, LayersContext } from './layers.tsx';
import { Styles } from './style.ts';
import { type Input, type Output, sizeOf, Terminal } from './terminal.ts';
import { Writer } from './writer.ts';

/** Where a tree is drawn. */
export interface MountOptions {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr?: NodeJS.WritableStream;
  readonly colour: ColourLevel;
  /** The terminal went away. A process that then still lives after a second is ended. */
  readonly onGone: (error: Error) => void;
}

/** A tree on the terminal. */
export interface Mounted {
  readonly compositor: Compositor;
  /** Takes the tree down and gives the terminal back. */
  unmount(): void;
  /** Resolves when the tree is down and the terminal given back; rejects with the error that took it down. */
  waitUntilExit(): Promise<void>;
  /** Gives the terminal to `use` (an editor, a shell), takes it again when that is over, and draws everything anew. */
  suspend<T>(use: () => Promise<T>): Promise<T>;
  /** What painters read has changed: draws in at most a tenth of a second. */
  redraw(): void;
  /** Sets the window's title, to a text of any origin. */
  title(text: string): void;
  /** Rings. */
  bell(): void;
  /** Sends the sequence that sets the clipboard. */
  clipboard(sequence: string): void;
  /** Sends a sequence that notifies the desktop. */
  notify(sequence: string): void;
}

/** A frame that the terminal has not taken when the pane leaves is given this long, in ms. */
const FAREWELL_MS = 200;
/** From the terminal's going to our own end, in ms. */
const GONE_MS = 1000;

/** Puts a tree on the terminal. */
export function mount(tree: ReactNode, options: MountOptions): Mounted {
  const { stdin, stdout } = options;
  const styles = new Styles(options.colour);
  const terminal = new Terminal(stdin, stdout);
  const writer = new Writer(terminal.sink);
  let size = sizeOf(stdout);
  let base = new Cells(size.columns, size.rows);
  let frame = '';
  const layers = new Layers(() => compositor.invalidate());
  const compositor = new Compositor(size.columns, size.rows, styles, writer, () => ({
    base,
    surfaces: layers.surfaces,
    overlays: layers.overlays,
  }));
  const offScreen = new OffScreen(() => size);
  const takeFrame = () => {
    if (offScreen.written !== frame || base.width !== size.columns || base.height !== size.rows) {
      frame = offScreen.written;
      base = drawFrame(frame, size.columns, size.rows, styles);
    }
    layers.measure();
    compositor.invalidate();
  };
  const resized = () => {
    size = sizeOf(stdout);
    compositor.resize(size.columns, size.rows);
    offScreen.emit('resize');
  };
  const exits = terminal.real ? new Exits(terminal, () => resized()) : null;
  let app: ReturnType<typeof useApp> | undefined;

  let gone = false;
  const goAway = (error: Error) => {
    if (gone) return;
    gone = true;
    if (terminal.real) setTimeout(() => process.exit(129), GONE_MS).unref();
    options.onGone(error);
  };
  const inputEnded = () => goAway(new Error('the terminal has closed its input'));
  writer.onGone = goAway;
  stdin.on('error', goAway);
  stdin.on('end', inputEnded);
  stdout.on('resize', resized);

  terminal.take();
  const ink = render(
    <LayersContext value={layers}>
      <Root
        onApp={(next) => {
          app = next;
        }}
        onKey={() => compositor.key()}
        onRepaint={() => compositor.repaint()}
        onStop={() => exits?.stopJob()}
      />
      {tree}
    </LayersContext>,
    {
      stdout: offScreen,
      stdin,
      onRender: takeFrame,
      ...(options.stderr && { stderr: options.stderr }),
      debug: true,
      interactive: true,
      patchConsole: false,
      exitOnCtrlC: false,
    },
  );

  const leave = async () => {
    compositor.pause();
    await writer.settled(FAREWELL_MS);
    writer.close();
    exits?.dispose();
    terminal.close();
    stdin.off('error', goAway);
    stdin.off('end', inputEnded);
    stdout.off('resize', resized);
  };
  const exit = ink.waitUntilExit().then(leave, async (error) => {
    await leave();
    throw error;
  });
  // Also when nobody waits, the terminal is given back; the error is for those who do.
  exit.catch(() => {});

  return {
    compositor,
    unmount: () => ink.unmount(),
    waitUntilExit: () => exit,
    redraw: () => compositor.invalidate(),
    title: (text) => compositor.say('title', terminal.title(text)),
    bell: () => compositor.say('bell', '\x07'),
    clipboard: (sequence) => compositor.say('clipboard', sequence),
    notify: (sequence) => compositor.say('notice', sequence),
    async suspend(use) {
      if (!app) throw new Error('the pane is not drawn yet');
      compositor.pause();
      await writer.settled(FAREWELL_MS);
      terminal.giveBack();
      const suspension = await app.suspendTerminal();
      await stopReading(stdin);
      try {
        return await use();
      } finally {
        terminal.take();
        await suspension.resume();
        compositor.resume();
      }
    },
  };
}

/**
 * Ink has stopped listening, but Node goes on reading and would eat the child's keys. It stops at `pause`, and hears that only a tick
 * after the last listener has left.
 */
async function stopReading(stdin: Input): Promise<void> {
  await setImmediate();
  stdin.pause();
  await setImmediate();
}

interface RootProps {
  readonly onApp: (app: ReturnType<typeof useApp>) => void;
  readonly onKey: () => void;
  readonly onRepaint: () => void;
  readonly onStop: () => void;
}

/** Keeps raw mode on as long as the tree is up, sees every key that the tree sees, and keeps pastes from being typed as keys. */
function Root({ onApp, onKey, onRepaint, onStop }: RootProps): ReactNode {
  const app = useApp();
  const { isRawModeSupported } = useStdin();
  useInsertionEffect(() => onApp(app), [app, onApp]);
  useKeys(
    ({ char, ctrl }) => {
      onKey();
      if (ctrl && char === 'l') onRepaint();
      if (ctrl && char === 'z') onStop();
    },
    { isActive: isRawModeSupported },
  );
  return null;
}

/**
 * The terminal that Ink thinks it writes to. In debug mode Ink writes a whole frame and then calls `onRender`: the last thing written is
 * the frame then. What it writes at other times (show the cursor, flush) is not for it to send.
 */
class OffScreen extends Writable {
  readonly isTTY = true;
  written = '';
  readonly #size: () => { readonly columns: number; readonly rows: number };

  constructor(size: () => { readonly columns: number; readonly rows: number }) {
    super({ decodeStrings: false });
    this.#size = size;
    this.setMaxListeners(0);
  }

  get columns(): number {
    return this.#size().columns;
  }

  get rows(): number {
    return this.#size().rows;
  }

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.written = String(chunk);
    done();
  }
}
