/** The whole pane on a terminal without a window, over a fleet that the test holds in its hand. Not a supervisor: commands are only noted. */
import type { Command } from '../../source/loop/command.ts';
import type { FleetState } from '../../source/loop/state.ts';
import type { Way } from '../../source/pane/attach/way.ts';
import type { OperatorKeys } from '../../source/pane/keys/operator.ts';
import { type Connection, openPane, type Sent } from '../../source/pane/open-pane.tsx';
import type { ConnectionStatus } from '../../source/pane/present/header.ts';
import type { RunText } from '../../source/pane/texts/texts.ts';
import type { Theme } from '../../source/pane/theme.ts';
import { Keyboard, Screen, until } from './compositor/screen.ts';
import { NOW } from './fleet-fixture.ts';

export const KEY = {
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  pageup: '\x1b[5~',
  enter: '\r',
  esc: '\x1b',
  tab: '\t',
  ctrlC: '\x03',
} as const;

const PATIENCE_MS = 20_000;

export interface StageOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly answer?: (command: Command) => Sent;
  readonly ownKeys?: OperatorKeys;
  readonly theme?: Theme;
  /** How a run can be gone into. */
  readonly ways?: (run: string) => readonly Way[];
  readonly diffOf?: (run: string) => string;
  /** What diff, prompt, events and files of a run say. */
  readonly texts?: (text: RunText) => Promise<string>;
}

export class Stage implements AsyncDisposable {
  readonly screen: Screen;
  readonly keyboard = new Keyboard();
  readonly commands: Command[] = [];
  /** Resolves when the pane was left. */
  readonly left: Promise<void>;
  status: ConnectionStatus = 'connected';
  now = NOW;
  #fleet: FleetState;
  readonly #listeners = new Set<() => void>();
  #isLeft = false;

  constructor(fleet: FleetState, options: StageOptions = {}) {
    const { columns = 120, rows = 40, env = { LANG: 'C.UTF-8' }, answer, diffOf, ownKeys, theme, texts } = options;
    this.#fleet = fleet;
    this.screen = new Screen(columns, rows);
    const stage = this;
    const connection: Connection = {
      fleet: {
        get state() {
          return stage.#fleet;
        },
        subscribe(changed) {
          stage.#listeners.add(changed);
          return () => stage.#listeners.delete(changed);
        },
      },
      send: async (command) => {
        this.commands.push(command);
        return answer?.(command) ?? { ok: true, text: `${command.do} done`, run: null };
      },
      textOf: async (text) => (await texts?.(text)) ?? '',
      waysInto: async (run) => options.ways?.(run) ?? [],
      status: () => this.status,
      diffOf: async (run) => diffOf?.(run) ?? (await texts?.({ what: 'diff', run, pass: 0 })) ?? '',
    };
    this.left = openPane(connection, {
      stdin: this.keyboard,
      stdout: this.screen,
      env,
      now: () => this.now,
      ...(ownKeys === undefined ? {} : { keys: ownKeys }),
      ...(theme === undefined ? {} : { theme }),
    }).finally(() => {
      this.#isLeft = true;
    });
    this.left.catch(() => {});
  }

  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** The fleet changed, as when events came in. */
  change(fleet: FleetState): void {
    this.#fleet = fleet;
    for (const changed of this.#listeners) changed();
  }

  /** Types keys, one write each as a terminal sends them. */
  async type(...keys: string[]): Promise<void> {
    for (const key of keys) {
      this.keyboard.write(key);
      await new Promise((resolve) => setTimeout(resolve, key === KEY.esc ? 60 : 10));
    }
  }

  /** What is on the screen as one text. */
  text(): string {
    return this.screen.lines().join('\n');
  }

  /** Resolves with the screen when it shows all of these; rejects with what it shows after 20 s: the machine may be busy. */
  async shows(...wanted: (string | RegExp)[]): Promise<string> {
    const isShown = (want: string | RegExp) =>
      typeof want === 'string' ? this.text().includes(want) : want.test(this.text());
    await until(
      () => wanted.every(isShown),
      () => ({ wanted: wanted.map(String), screen: this.screen.lines() }),
      PATIENCE_MS,
    );
    return this.text();
  }

  /** Resolves when the screen no longer shows it. */
  async hides(gone: string): Promise<void> {
    await until(
      () => !this.text().includes(gone),
      () => ({ gone, screen: this.screen.lines() }),
      PATIENCE_MS,
    );
  }

  /** Resolves with the commands when there are at least `count`. */
  async sent(count = 1): Promise<readonly Command[]> {
    await until(
      () => this.commands.length >= count,
      () => this.commands,
      PATIENCE_MS,
    );
    return this.commands;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isLeft) await this.type(KEY.ctrlC, KEY.ctrlC);
    await this.left.catch(() => {});
    this.screen.terminal.dispose();
  }
}
