/** A real terminal for the tests: one tmux server of our own, panes that are typed into and read as a person would. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

export const hasTmux = (() => {
  try {
    execFileSync('tmux', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

export class Tmux implements Disposable {
  readonly #socket = `looptop-${randomUUID().slice(0, 8)}`;

  /** Opens a window of that size that runs `command`; answers how to address it. */
  open(
    command: string,
    {
      cwd,
      env,
      columns = 120,
      rows = 40,
    }: { cwd: string; env: Readonly<Record<string, string>>; columns?: number; rows?: number },
  ): Screen {
    const name = `w${randomUUID().slice(0, 6)}`;
    this.run(
      [
        '-f',
        '/dev/null',
        'new-session',
        '-d',
        '-s',
        name,
        '-x',
        String(columns),
        '-y',
        String(rows),
        '-c',
        cwd,
        // The window outlives the command: tmux 3.3a now and then never learns how a command ended.
        `${command}; echo "[ended $?]"; exec sleep 600`,
      ],
      env,
    );
    return new Screen(this, name);
  }

  run(args: readonly string[], env: Readonly<Record<string, string>> = process.env as Record<string, string>): string {
    return execFileSync('tmux', ['-L', this.#socket, ...args], {
      env: { ...env, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  [Symbol.dispose](): void {
    try {
      this.run(['kill-server']);
    } catch {
      // No window is left, so neither is the server.
    }
  }
}

export class Screen {
  readonly #tmux: Tmux;
  readonly #name: string;

  constructor(tmux: Tmux, name: string) {
    this.#tmux = tmux;
    this.#name = name;
  }

  /** Keys as tmux names them (`Enter`, `Escape`, `C-c`); other words are typed. */
  press(...keys: string[]): void {
    for (const key of keys) this.#tmux.run(['send-keys', '-t', this.#name, key]);
  }

  type(text: string): void {
    this.#tmux.run(['send-keys', '-t', this.#name, '-l', '--', text]);
  }

  text(): string {
    return this.#tmux.run(['capture-pane', '-p', '-t', this.#name]);
  }

  resize(columns: number, rows: number): void {
    this.#tmux.run(['resize-window', '-t', this.#name, '-x', String(columns), '-y', String(rows)]);
  }

  /** The exit code of the command once it has ended; null while it runs. */
  exit(): number | null {
    const code = /^\[ended (\d+)\]$/m.exec(this.text())?.[1];
    return code === undefined ? null : Number(code);
  }

  /** Waits for the end of the command; its exit code. Shows the screen when it goes on. */
  async ends(limitMs = 20_000): Promise<number> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      const code = this.exit();
      if (code !== null) return code;
      if (performance.now() > deadline) throw new Error(`it does not end:\n${this.text()}`);
      await sleep(50);
    }
  }

  /** Waits until the screen shows it; the error shows the screen instead. */
  async shows(wanted: RegExp | ((text: string) => boolean), limitMs = 30_000): Promise<string> {
    const fits = wanted instanceof RegExp ? (text: string) => wanted.test(text) : wanted;
    const deadline = performance.now() + limitMs;
    for (;;) {
      const text = this.text();
      if (fits(text)) return text;
      if (performance.now() > deadline) throw new Error(`the screen never showed ${String(wanted)}:\n${text}`);
      await sleep(50);
    }
  }
}
