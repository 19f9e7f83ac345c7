/** What can go wrong, by who has to act on it. The message is for that person: what happened, to what, and what to do. */

/** Options of every error: the error that led to it, and the exit code of a verb that ends with it (see the README). */
export interface Circumstances {
  readonly cause?: unknown;
  readonly exitCode?: number;
}

abstract class LooptopError extends Error {
  /** Exit code of a verb that ends with this error, 1 to 255. */
  readonly exitCode: number;

  constructor(message: string, usualCode: number, { cause, exitCode }: Circumstances) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.exitCode = exitCode ?? usualCode;
  }
}

/** The person at the keyboard asked for something that cannot be: a bad verb, a missing loop, a folder that is no repository. */
export class UsageError extends LooptopError {
  constructor(message: string, circumstances: Circumstances = {}) {
    super(message, 2, circumstances);
  }
}

/** The author of a loop, of the configuration or of the repository has to change it. */
export class ConfigError extends LooptopError {
  constructor(message: string, circumstances: Circumstances = {}) {
    super(message, 2, circumstances);
  }
}

/** An engine cannot be started or does not behave; `exitCode` 8 where it was not found. */
export class AgentError extends LooptopError {
  constructor(message: string, circumstances: Circumstances = {}) {
    super(message, 1, circumstances);
  }
}

/** The machine failed: disk, git, processes. Trying again later may help. */
export class InfraError extends LooptopError {
  constructor(message: string, circumstances: Circumstances = {}) {
    super(message, 1, circumstances);
  }
}
