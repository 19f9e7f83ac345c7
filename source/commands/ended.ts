/** Why a verb ends with an exit code of its own although nothing is broken: the supervisor refused, a run did not get green, Ctrl-C. */

export class Ended extends Error {
  readonly exitCode: number;

  /** `exitCode` as in the README, 1 to 255. An empty message prints nothing. */
  constructor(message: string, exitCode: number) {
    super(message);
    this.name = 'Ended';
    this.exitCode = exitCode;
  }
}

/** 128 + SIGINT, as shells report it. */
export const INTERRUPTED = 130;
