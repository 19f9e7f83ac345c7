/** Every way out of the process, watched so that the terminal is given back on each: exit, exceptions, signals, ctrl-z. */
import type { Terminal } from './terminal.ts';

/** Signals whose default is the end of the process. */
const DEADLY = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 } as const;

/** What a signal leaves the process to tidy up before it really dies, in ms. */
const LAST_RESORT_MS = 1000;

type WayOut = NodeJS.Signals | 'exit';

/** Watches the ways out until disposed. */
export class Exits {
  readonly #terminal: Terminal;
  readonly #onReturn: () => void;
  readonly #listeners: (readonly [WayOut, () => void])[] = [];
  /** Whether the terminal was ours when the job was stopped, and not a child's. */
  #wasTaken = false;

  /** `onReturn` is called when the process comes back after a stop: the terminal is taken again, and shows something else. */
  constructor(terminal: Terminal, onReturn: () => void) {
    this.#terminal = terminal;
    this.#onReturn = onReturn;
    // Also after an exception or an unhandled rejection: Node emits it first and prints the error then.
    this.#on('exit', () => terminal.giveBack());
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'] as const) this.#on(signal, () => this.#die(signal));
    if (process.platform === 'win32') return;
    this.#on('SIGTSTP', () => this.#stop(process.pid));
    this.#on('SIGCONT', () => this.#comeBack());
  }

  /** Stops the job as ctrl-z does, and comes back when the shell continues it. */
  stopJob(): void {
    // 0: the whole process group, so that a launcher in front of us stops too, as when the terminal sends the signal.
    if (process.platform !== 'win32') this.#stop(0);
  }

  /** Watches no longer. */
  dispose(): void {
    for (const [event, listener] of this.#listeners.splice(0)) process.off(event, listener);
  }

  #on(event: WayOut, listener: () => void): void {
    process.on(event, listener);
    this.#listeners.push([event, listener]);
  }

  /** Dies of the signal, so that whoever waits for us sees which it was. */
  #die(signal: keyof typeof DEADLY): void {
    // In raw mode ctrl-c and ctrl-\\ are keys. While a child has the terminal they are meant for the child, and reach us as well.
    if ((signal === 'SIGINT' || signal === 'SIGQUIT') && !this.#terminal.taken) return;
    this.#terminal.giveBack();
    this.dispose();
    process.kill(process.pid, signal);
    setTimeout(() => process.exit(128 + DEADLY[signal]), LAST_RESORT_MS).unref();
  }

  #stop(target: number): void {
    this.#wasTaken = this.#terminal.taken;
    this.#terminal.giveBack();
    const own = this.#listeners.find(([event]) => event === 'SIGTSTP');
    if (!own) return;
    // With the default action back the kernel decides, and it does not stop a process that no shell could continue.
    process.off(...own);
    process.kill(target, 'SIGTSTP');
    setTimeout(() => {
      if (!this.#listeners.includes(own)) return;
      process.on(...own);
      this.#comeBack();
    }, 50);
  }

  #comeBack(): void {
    if (!this.#wasTaken && !this.#terminal.taken) return;
    this.#wasTaken = false;
    // Also after a SIGSTOP, of which we heard nothing: the shell has set the terminal's modes since.
    this.#terminal.giveBack();
    this.#terminal.take();
    this.#onReturn();
  }
}
