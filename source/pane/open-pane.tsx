/** Opens the pane on a connection and keeps it in step: events in, paints out, keys back as commands. Resolves when the operator leaves. */
import { writeFileSync } from 'node:fs';
import type { Command } from '../loop/command.ts';
import type { FleetState } from '../loop/state.ts';
import { App } from './app.tsx';
import { enter } from './attach/enter.ts';
import { colourLevel, type Input, type Mounted, mount, type Output } from './compositor/index.ts';
import type { Connection } from './connection.ts';
import { bounded, clipboardSequence, MOST_BYTES } from './copy/osc52.ts';
import { type Desktop, notification } from './desktop.ts';
import { editText } from './foreign.ts';
import { Caller } from './heed.ts';
import { type OperatorKeys, USUAL_KEYS } from './keys/operator.ts';
import { oneLine } from './present/clean.ts';
import { wantsAscii } from './present/glyphs.ts';
import { clip } from './present/span.ts';
import type { Intent } from './press.ts';
import { Dwell } from './review/dwell.ts';
import { loadDiff } from './review/load.ts';
import { createPaneStore, follow, openWays, type PaneStore, pressed, publish, replaceText, say } from './store.ts';
import { loadText } from './texts/load.ts';
import type { RunText } from './texts/texts.ts';
import { DARK, type Theme } from './theme.ts';

export type { Connection, Sent } from './connection.ts';

export interface PaneOptions {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What the operator has set up; the usual where it is left out. */
  readonly keys?: OperatorKeys;
  readonly theme?: Theme;
  /** How the operator may be called; every way when not given. */
  readonly notify?: { readonly bell: boolean; readonly desktop: boolean | Desktop; readonly title: boolean };
  /** Said on the terminal after the pane has left it; null says nothing. Default: that the loops go on. */
  readonly farewell?: (fleet: FleetState) => string | null;
}

const EVERY_WAY = { bell: true, desktop: true, title: true } as const;

/** The fleet is looked at this often while it changes, ms: as often as the compositor paints. */
const PUBLISH_MS = 100;
/** Durations on the screen count seconds. */
const TICK_MS = 1000;

/** Shows the pane until the operator leaves or the terminal goes. Rejects when the pane itself breaks. */
export async function openPane(connection: Connection, options: PaneOptions): Promise<void> {
  const { stdin, stdout, env, now, keys = USUAL_KEYS, theme = DARK } = options;
  const colours = colourLevel(env);
  const open = new AbortController();
  const store = createPaneStore({
    fleet: connection.fleet.state,
    status: connection.status(),
    now: now(),
    keys,
    columns: stdout.columns || 80,
    rows: stdout.rows || 24,
  });
  const dwell = new Dwell();
  const read = (text: RunText) => (text.what === 'diff' ? connection.diffOf(text.run) : connection.textOf(text));
  const load = () => {
    loadText(store, read, now(), () => pane.redraw());
    loadDiff(store, connection.diffOf, () => pane.redraw());
  };
  const pane = mount(
    <App
      store={store}
      drawing={{ ascii: wantsAscii(env), theme, colours }}
      onPress={(press) => {
        dwell.pressed(now());
        for (const intent of pressed(store, press, now())) wish(intent);
        load();
        pane.redraw();
      }}
    />,
    { stdin, stdout, colour: colours, onGone: () => pane.unmount() },
  );
  const wish = (intent: Intent) => carryOut(intent, { connection, options, store, pane, signal: open.signal });
  const stopKeeping = keepInStep(connection, store, pane, options, () => {
    load();
    const command = dwell.look(store.getState());
    if (command !== null) wish({ do: 'report', command });
  });
  try {
    await pane.waitUntilExit();
  } finally {
    stopKeeping();
    open.abort();
    // For test/bench alone.
    if (env.LOOPTOP_STATS) writeFileSync(env.LOOPTOP_STATS, JSON.stringify(pane.compositor.stats));
  }
  const words = (options.farewell ?? farewell)(connection.fleet.state);
  if (words !== null) stdout.write(`${words}\n`);
}

/** Publishes the fleet to the store once per paint, ticks the clock, calls the operator, and tells `looked`. Returns what ends it. */
function keepInStep(
  connection: Connection,
  store: PaneStore,
  pane: Mounted,
  { now, env, notify = EVERY_WAY }: PaneOptions,
  looked: () => void,
): () => void {
  const caller = new Caller();
  let last = 0;
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    clearTimeout(timer);
    timer = undefined;
    last = performance.now();
    const { state } = connection.fleet;
    publish(store, state, connection.status(), now());
    const { ring, notice, title } = caller.heed(state, now());
    if (title !== null && notify.title) pane.title(title);
    if (ring && notify.bell) pane.bell();
    const name = `looptop ${state.repository.name}`;
    const sequence = notice === null ? null : notification(name, notice, env, notify.desktop);
    if (sequence !== null) pane.notify(sequence);
    looked();
    pane.redraw();
  };
  const unsubscribe = connection.fleet.subscribe(() => {
    // At once when nothing was shown lately, so that a key's effect is seen without delay.
    timer ??= setTimeout(look, Math.max(0, last + PUBLISH_MS - performance.now()));
  });
  const ticking = setInterval(look, TICK_MS);
  look();
  return () => {
    unsubscribe();
    clearInterval(ticking);
    clearTimeout(timer);
  };
}

interface Means {
  readonly connection: Connection;
  readonly options: PaneOptions;
  readonly store: PaneStore;
  readonly pane: Mounted;
  /** The pane is left. */
  readonly signal: AbortSignal;
}

function carryOut(intent: Intent, means: Means): void {
  const { store, pane, options } = means;
  const complain = (error: unknown) => {
    say(store, error instanceof Error ? error.message : String(error), 'no', options.now());
    pane.redraw();
  };
  switch (intent.do) {
    case 'send':
      sendAll(intent.commands, means).catch(complain);
      return;
    case 'report':
      means.connection
        .send(intent.command)
        .then((sent) => {
          if (!sent.ok) complain(sent.text);
        })
        .catch(complain);
      return;
    case 'edit':
      pane
        .suspend(() => editText(intent.text, options.env))
        .then((text) => replaceText(store, text))
        .catch(complain);
      return;
    case 'attach':
      means.connection
        .waysInto(intent.run)
        .then((ways) => {
          openWays(store, intent.run, ways);
          pane.redraw();
        })
        .catch(complain);
      return;
    case 'enter': {
      const tell = (text: string) => {
        if (text !== '') say(store, text, 'said', options.now());
        pane.redraw();
      };
      const { connection, signal } = means;
      const write = (text: string) => void options.stdout.write(text);
      enter(intent, { connection, suspend: (use) => pane.suspend(use), write, say: tell, signal })
        .then(tell)
        .catch((error: unknown) => {
          if (!signal.aborted) complain(error);
        });
      return;
    }
    case 'copy':
      copy(intent, means);
      return;
    case 'leave':
      pane.unmount();
      return;
  }
}

/** Hands the text to the terminal, which does not say whether it took it. */
function copy({ what, text }: Extract<Intent, { do: 'copy' }>, { options, store, pane }: Means): void {
  const sent = bounded(text);
  pane.clipboard(clipboardSequence(sent.text, options.env));
  const much = sent.cut ? `, its first ${Math.round(MOST_BYTES / 1000)} kB` : '';
  say(store, `Copied the ${what}${much}: ${clip(oneLine(text), 60)}`, 'said', options.now());
}

/** Sends the commands one after the other and says what came of them: the first refusal, else how many were done. */
async function sendAll(commands: readonly Command[], { connection, options, store, pane }: Means): Promise<void> {
  let refused: string | null = null;
  let done = 0;
  let words = '';
  for (const command of commands) {
    const result = await connection.send(command);
    if (result.ok) {
      done++;
      words = result.text;
      if ((command.do === 'run' || command.do === 'promote') && result.run !== null) follow(store, result.run);
    } else refused ??= result.text;
  }
  if (refused !== null) {
    const others = commands.length > 1 ? ` (${done} of ${commands.length} done)` : '';
    say(store, `${refused}${others}`, 'no', options.now());
  } else if (words !== '') say(store, commands.length > 1 ? `${done} done: ${words}` : words, 'said', options.now());
  pane.redraw();
}

function farewell(fleet: FleetState): string | null {
  const open = Object.values(fleet.runs).filter(({ status }) => status.tag === 'open').length;
  if (open === 0) return null;
  return `${open} ${open === 1 ? 'run goes' : 'runs go'} on without the pane. looptop comes back to ${open === 1 ? 'it' : 'them'}, looptop down ends the supervisor.`;
}
