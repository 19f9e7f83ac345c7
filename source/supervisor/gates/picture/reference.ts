/**
 * Freezes the picture that a visual gate compares with, before the first pass: from the base commit, or from the operator's
 * checkout where it is not committed; never from the maker's worktree. Its hash is in the journal, so no copy can be swapped.
 */
import { createHash } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VisualGate } from '../../../loop/definition/gates.ts';
import { ConfigError } from '../../../loop/errors.ts';
import type { Repository } from '../../git/repository.ts';
import { hasCode } from '../../memory/has-code.ts';
import { insideRepository } from '../../memory/inside.ts';
import { readPlainFile } from './plain-file.ts';
import { LARGEST } from './png.ts';

export interface Frozen {
  readonly path: string;
  /** sha256 of its content, hex. */
  readonly sha256: string;
}

/**
 * @param folder where the copy goes; made by the caller
 * @throws ConfigError when there is no such picture
 */
export async function freezeReference(
  repository: Pick<Repository, 'root' | 'fileAt'>,
  base: string,
  gate: Pick<VisualGate, 'id' | 'reference'>,
  folder: string,
): Promise<Frozen> {
  const bytes =
    (await repository.fileAt(base, gate.reference, LARGEST.bytes)) ??
    (await inCheckout(repository.root, gate.reference));
  if (bytes === null) {
    throw new ConfigError(
      `gate ${gate.id}: the reference ${gate.reference} is neither in the base commit nor in ${repository.root}`,
    );
  }
  const path = join(folder, `reference-${gate.id}.png`);
  await writeFile(path, bytes, { mode: 0o600 });
  return { path, sha256: sha256(bytes) };
}

async function inCheckout(root: string, file: string): Promise<Buffer | null> {
  const isThere = await stat(join(root, file)).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return null;
    throw error;
  });
  if (isThere === null) return null;
  const read = await readPlainFile(await insideRepository(root, file), LARGEST.bytes);
  return 'bytes' in read ? read.bytes : null;
}

/** The frozen picture; null when it is gone or not the one that was frozen. */
export async function thawReference({ path, sha256: expected }: Frozen): Promise<Buffer | null> {
  const read = await readPlainFile(path, LARGEST.bytes);
  return 'bytes' in read && sha256(read.bytes) === expected ? read.bytes : null;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
